// SPDX-License-Identifier: Apache-2.0
// What every network promises, and the sizes of the published ones.
#include <ATen/autocast_mode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/config.hpp"
#include "core/error.hpp"
#include "models/crystal_batch.hpp"
#include "models/factory.hpp"
#include "models/tiny_crystals.hpp"
#include "support/expect_error.hpp"

namespace tessera::models {
namespace {

using testing::HasSubstr;

std::shared_ptr<Network> network_of(const std::string& model, std::int64_t outputs = 1) {
  torch::manual_seed(21);
  auto config = core::Config::from_text("[model]\n" + model, "model.toml");
  return make_network(config.table("model"), outputs);
}

std::shared_ptr<Network> network_named(const std::string& name, std::int64_t outputs = 1) {
  return network_of("name = \"" + name + "\"\n", outputs);
}

std::int64_t num_parameters(const Network& network) {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : network.parameters()) count += parameter.numel();
  return count;
}

// Running statistics that are not the initial ones, so that evaluation differs from doing nothing.
void warm_up(Network& network, const Batch& batch) {
  const torch::NoGradGuard no_grad;
  network.train();
  for (int i = 0; i < 10; ++i) network.forward(batch);
}

std::vector<data::CrystalRecord> crystals() {
  std::vector<data::CrystalRecord> records;
  for (const std::uint64_t size : {5, 2, 9, 3}) records.push_back(test::tiny_crystal(size, size, 10 * size));
  return records;
}

class Networks : public testing::TestWithParam<std::string> {};

TEST_P(Networks, GiveOneRowOfOutputsASample) {
  const auto records = crystals();
  for (const std::int64_t outputs : {1, 230}) {
    const auto network = network_named(GetParam(), outputs);

    const torch::Tensor result =
        network->forward(make_crystal_batch(test::pointers_to(records), network->features()));

    EXPECT_EQ(result.sizes(), (std::vector<std::int64_t>{4, outputs}));
    EXPECT_TRUE(torch::isfinite(result).all().item<bool>());
  }
}

TEST_P(Networks, SeeEachSampleOfABatchAsIfAlone) {
  const auto records = crystals();
  const auto all = test::pointers_to(records);
  const auto network = network_named(GetParam());
  const Batch batch = make_crystal_batch(all, network->features());
  warm_up(*network, batch);
  network->eval();

  const torch::Tensor together = network->forward(batch);

  for (std::size_t i = 0; i < all.size(); ++i) {
    const torch::Tensor alone =
        network->forward(make_crystal_batch(std::span(all).subspan(i, 1), network->features()));
    EXPECT_TRUE(torch::allclose(together[static_cast<std::int64_t>(i)], alone[0], 1e-4, 1e-5))
        << together << alone;
  }
  EXPECT_GT(together.std().item<float>(), 1e-4F) << "the samples are not told apart";
}

// The same crystal with its atoms numbered, and its faces and vertices listed, the other way round.
data::CrystalRecord renumbered(const data::CrystalRecord& record) {
  data::CrystalRecord other = record;
  const auto atoms = static_cast<std::int32_t>(record.structure.num_atoms());
  const auto vertices = static_cast<std::int32_t>(record.mesh->vertices.size());
  for (crystal::Structure* structure : {&other.structure, &other.mesh->cell}) {
    std::reverse(structure->elements.begin(), structure->elements.end());
    std::reverse(structure->fractional.begin(), structure->fractional.end());
  }
  const int neighbors = record.graph->num_neighbors;
  for (std::int32_t i = 0; i < atoms; ++i)
    for (int m = 0; m < neighbors; ++m) {
      const auto from = static_cast<std::size_t>(i * neighbors + m);
      const auto to = static_cast<std::size_t>((atoms - 1 - i) * neighbors + m);
      other.graph->neighbor[to] = atoms - 1 - record.graph->neighbor[from];
      other.graph->distance[to] = record.graph->distance[from];
    }
  std::reverse(other.mesh->vertices.begin(), other.mesh->vertices.end());
  for (auto& vertex : other.mesh->vertices) vertex.site = atoms - 1 - vertex.site;
  for (auto& vertex : other.mesh->central) vertex = vertices - 1 - vertex;
  std::reverse(other.mesh->faces.begin(), other.mesh->faces.end());
  for (auto& face : other.mesh->faces)
    for (auto& vertex : face) vertex = vertices - 1 - vertex;  // the corners keep their sense of rotation
  return other;
}

TEST_P(Networks, DoNotDependOnTheNumberingOfAtomsAndFaces) {
  const auto records = crystals();
  std::vector<data::CrystalRecord> others;
  for (const auto& record : records) others.push_back(renumbered(record));
  const auto network = network_named(GetParam());
  warm_up(*network, make_crystal_batch(test::pointers_to(records), network->features()));
  network->eval();

  const torch::Tensor result =
      network->forward(make_crystal_batch(test::pointers_to(records), network->features()));
  const torch::Tensor other =
      network->forward(make_crystal_batch(test::pointers_to(others), network->features()));

  EXPECT_TRUE(torch::allclose(result, other, 1e-4, 1e-5)) << result << other;
}

TEST_P(Networks, GiveEveryParameterAGradient) {
  const auto records = crystals();
  const auto network = network_named(GetParam());

  network->forward(make_crystal_batch(test::pointers_to(records), network->features()))
      .square()
      .sum()
      .backward();

  for (const auto& parameter : network->named_parameters())
    EXPECT_TRUE(parameter.value().grad().defined() &&
                torch::isfinite(parameter.value().grad()).all().item<bool>())
        << parameter.key();
}

TEST_P(Networks, StayCloseToThemselvesInBfloat16) {
  const auto records = crystals();
  const auto network = network_named(GetParam());
  const Batch batch = make_crystal_batch(test::pointers_to(records), network->features());
  warm_up(*network, batch);
  network->eval();

  const torch::Tensor expected = network->forward(batch);
  at::autocast::set_autocast_enabled(at::kCPU, true);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  const torch::Tensor result = network->forward(batch).to(torch::kFloat);
  result.sum().backward();
  at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(at::kCPU, false);

  EXPECT_FALSE(torch::equal(result, expected)) << "nothing was computed in bfloat16";
  // 8 bits of mantissa through up to ten layers.
  EXPECT_LT((result - expected).abs().max().item<float>(), 0.05 * (1 + expected.abs().max().item<float>()))
      << result << expected;
}

TEST_P(Networks, TrainedOnOneBatchLowerItsLoss) {
  const auto records = crystals();
  const auto network = network_named(GetParam());
  const Batch batch = make_crystal_batch(test::pointers_to(records), network->features());
  const torch::Tensor target = torch::tensor({{-1.0}, {1.0}, {0.5}, {0.0}});
  torch::optim::Adam optimizer(network->parameters(), torch::optim::AdamOptions(1e-3));

  std::vector<double> losses;
  for (int step = 0; step < 40; ++step) {
    optimizer.zero_grad();
    const torch::Tensor loss = torch::mse_loss(network->forward(batch), target);
    loss.backward();
    optimizer.step();
    losses.push_back(loss.item<double>());
  }

  // Dropout makes a single step's loss noisy: the last ten together.
  EXPECT_LT(std::accumulate(losses.end() - 10, losses.end(), 0.0) / 10, 0.5 * losses.front());
}

TEST_P(Networks, AreDrawnFromTheCallersSeed) {
  const auto once = network_named(GetParam())->parameters(), again = network_named(GetParam())->parameters();
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_TRUE(torch::equal(once[i], again[i]));
}

// Those of crystals; image_networks_test.cpp has those of images.
INSTANTIATE_TEST_SUITE_P(All, Networks, testing::Values("cgcnn", "deepcrystet", "mesh_slides", "pointnet"),
                         [](const auto& test) { return test.param; });

TEST(DeepCrysTet, HasThePublishedNumberOfParameters) {
  EXPECT_EQ(num_parameters(*network_named("deepcrystet")), 1348133);
  EXPECT_EQ(num_parameters(*network_named("deepcrystet", 230)), 1348133 + 229 * 257);  // 1.407 M
}

TEST(MeshSlides, HasTheWidthsOfTheSlides) {
  // Faces 256 -> 512 -> 1024 -> 2048 and crystals 2048 -> 1024 -> 512 -> 256 -> 1, each with its
  // normalisation, behind the same face features as DeepCrysTet's.
  const auto layer = [](std::int64_t in, std::int64_t out) { return in * out + 3 * out; };
  const std::int64_t face_features = 30244;
  EXPECT_EQ(num_parameters(*network_named("mesh_slides")),
            face_features + layer(256, 512) + layer(512, 1024) + layer(1024, 2048) + layer(2048, 1024) +
                layer(1024, 512) + layer(512, 256) + 257);
}

TEST(MeshNetworks, ReadNormalsOrEdgesAsPublished) {
  const auto records = crystals();
  for (const std::string& name : {std::string("deepcrystet"), std::string("mesh_slides")}) {
    const auto network = network_named(name);
    network->eval();
    Batch batch = make_crystal_batch(test::pointers_to(records), Features::Mesh);
    const torch::Tensor result = network->forward(batch);

    Batch without_normals = batch, without_edges = batch;
    without_normals.mesh.normal = torch::Tensor();
    without_edges.mesh.edge = torch::Tensor();
    const Batch& enough = name == "deepcrystet" ? without_normals : without_edges;

    EXPECT_TRUE(torch::equal(result, network->forward(enough))) << name;
  }
}

TEST(DeepCrysTet, TheEmbeddingIsAsWideAsAskedFor) {
  const auto published = network_of("name = \"deepcrystet\"\n");
  const auto narrow = network_of("name = \"deepcrystet\"\nembedding = 256\n");
  const auto parameters = narrow->named_parameters();
  EXPECT_EQ(parameters["head.0.linear.weight"].sizes(), (torch::IntArrayRef{512, 256}));
  // For each of its features 512 weights of the layer before and of the one behind, a bias, a scale, a shift.
  EXPECT_EQ(num_parameters(*published) - num_parameters(*narrow), (1024 - 256) * (512 + 512 + 3));
}

TEST(DeepCrysTet, ReluBeforeTheMaximumIsASwitch) {
  const auto records = crystals();
  const auto published = network_of("name = \"deepcrystet\"\n");
  const auto rectified = network_of("name = \"deepcrystet\"\nrelu_before_max = true\n");
  const Batch batch = make_crystal_batch(test::pointers_to(records), Features::Mesh);
  published->eval();
  rectified->eval();

  EXPECT_FALSE(torch::allclose(published->forward(batch), rectified->forward(batch), 1e-6, 1e-7));
}

TEST(Factory, RefusesAnUnknownNameWithTheNearest) {
  EXPECT_THAT(
      test::message_of<core::InputError>([] { network_of("name = \"cgcn\"\n"); }),
      testing::AllOf(
          HasSubstr("model.name must be one of cgcnn, deepcrystet, mesh_slides, pointnet, residual_unet, "
                    "deeplabv3plus, vgg_regressor, rcfnet, got \"cgcn\""),
          HasSubstr("model.toml:2"), HasSubstr("Did you mean cgcnn?")));
  EXPECT_THAT(test::message_of<core::InputError>([] { network_of("depth = 3\n"); }),
              HasSubstr("model.name must be given"));
}

TEST(Factory, ReadsTheSettingsOfTheNamedNetwork) {
  EXPECT_EQ(num_parameters(*network_of("name = \"cgcnn\"\nnum_convolutions = 4\nhidden_width = 32\n")),
            96641);
  EXPECT_THAT(
      test::message_of<core::InputError>([] { network_of("name = \"cgcnn\"\nnum_convolutions = 0\n"); }),
      HasSubstr("model.num_convolutions must be 1 to 64, got 0 (model.toml:3)"));
}

}  // namespace
}  // namespace tessera::models
