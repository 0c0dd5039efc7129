// SPDX-License-Identifier: Apache-2.0
#include "models/vgg_regressor.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <set>

#include "core/config.hpp"
#include "core/error.hpp"
#include "models/factory.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::models {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kScratch =
    "name = \"vgg_regressor\"\nencoder = \"scratch\"\nbase_width = 2\nhidden_width = 8\n";

core::Config config_of(const std::string& model) {
  return core::Config::from_text("[model]\n" + model, "model.toml");
}

std::shared_ptr<FeatureMapNetwork> network_of(const std::string& model, std::int64_t outputs = 1,
                                              const NamedTensors* weights = nullptr) {
  torch::manual_seed(5);
  auto config = config_of(model);
  const auto network =
      std::dynamic_pointer_cast<FeatureMapNetwork>(make_network(config.table("model"), outputs, weights));
  config.refuse_unknown();
  return network;
}

Batch images(std::int64_t samples, std::int64_t height, std::int64_t width) {
  Batch batch;
  batch.num_samples = samples;
  batch.images.grey = torch::randn({samples, 1, height, width});
  return batch;
}

// Parameters that ask for a gradient; those of the encoder by their layer, the head's not.
std::set<std::string> trained_layers(const Network& network) {
  std::set<std::string> layers;
  for (const auto& parameter : network.named_parameters()) {
    const auto& name = parameter.key();
    if (!name.starts_with("encoder."))
      EXPECT_TRUE(parameter.value().requires_grad()) << name;
    else if (parameter.value().requires_grad())
      layers.insert(name.substr(8, name.find('.', 8) - 8));
  }
  return layers;
}

NamedTensors tensors_of(const Network& network) {
  NamedTensors tensors;
  for (const auto& parameter : network.named_parameters())
    tensors[parameter.key()] = parameter.value().detach().clone();
  for (const auto& buffer : network.named_buffers()) tensors[buffer.key()] = buffer.value().clone();
  return tensors;
}

// A narrow VGG-19 down to conv2_2, as a file.
class VggRegressors : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(4);
    NamedTensors weights;
    std::int64_t in = 3;
    for (const auto& [name, out] : std::vector<std::pair<std::string, std::int64_t>>{
             {"conv1_1", 3}, {"conv1_2", 4}, {"conv2_1", 5}, {"conv2_2", 6}}) {
      weights[name + ".weight"] = 0.2 * torch::randn({out, in, 3, 3});
      weights[name + ".bias"] = torch::zeros({out});
      in = out;
    }
    write_safetensors(folder / "mine.safetensors", weights);
  }
  std::string of_file(const std::string& more = "") const {
    return "name = \"vgg_regressor\"\nencoder = \"" + (folder / "mine.safetensors").string() + "\"\n" + more;
  }

  test::TemporaryFolder folder;
};

TEST_F(VggRegressors, AnswerOnceForAnImageOfAnySize) {
  for (const std::int64_t outputs : {1, 3}) {
    const auto network = network_of(kScratch, outputs);
    const auto batch = images(2, 40, 27);

    EXPECT_FALSE(network->is_of_pixels());
    EXPECT_EQ(network->feature_map(batch).sizes(), (std::vector<std::int64_t>{2, 16, 5, 3}));
    EXPECT_EQ(network->forward(batch).sizes(), (std::vector<std::int64_t>{2, outputs}));
  }
}

TEST_F(VggRegressors, KeepTheEncoderDownToTheLayerNamed) {
  const auto sizes = [&](const std::string& model) {
    return network_of(model)->feature_map(images(1, 32, 32)).sizes().vec();
  };

  EXPECT_THAT(sizes(kScratch + "last_layer = \"conv2_1\"\n"), ElementsAre(1, 4, 16, 16));
  EXPECT_THAT(sizes(kScratch + "last_layer = \"conv5_1\"\n"), ElementsAre(1, 16, 2, 2));
  EXPECT_THAT(sizes(of_file()), ElementsAre(1, 6, 16, 16));
  EXPECT_THAT(sizes(of_file("last_layer = \"conv1_1\"\n")), ElementsAre(1, 3, 32, 32));
  const std::string filters = "name = \"vgg_regressor\"\nencoder = \"filters\"\n";
  EXPECT_THAT(sizes(filters), ElementsAre(1, 256, 32, 32));
  EXPECT_THAT(sizes(filters + "last_layer = \"scale2\"\n"), ElementsAre(1, 128, 32, 32));
}

TEST_F(VggRegressors, TrainWhatTheyAreToldOfTheEncoder) {
  EXPECT_THAT(trained_layers(*network_of(of_file())), ElementsAre("conv2_1", "conv2_2"));
  EXPECT_THAT(trained_layers(*network_of(of_file("trained = \"head\"\n"))), ElementsAre());
  EXPECT_EQ(trained_layers(*network_of(of_file("trained = \"all\"\n"))).size(), 4u);
  EXPECT_THAT(trained_layers(*network_of(kScratch + "trained = \"top_block\"\nlast_layer = \"conv3_2\"\n")),
              ElementsAre("conv3_1", "conv3_2"));
  EXPECT_EQ(trained_layers(*network_of(kScratch)).size(), 12u);  // conv1_1 to conv4_4
}

TEST_F(VggRegressors, GiveGradientsToTheTrainedAlone) {
  for (const std::string part : {"head", "top_block", "all"}) {
    const auto network = network_of(of_file("trained = \"" + part + "\"\n"));
    const auto batch = images(3, 16, 16);

    EXPECT_EQ(network->feature_map(batch).requires_grad(), part != "head");
    network->forward(batch).square().sum().backward();

    for (const auto& parameter : network->named_parameters())
      EXPECT_EQ(parameter.value().grad().defined(), parameter.value().requires_grad()) << parameter.key();
  }
}

TEST_F(VggRegressors, LearnInTheEncoderAtItsOwnRate) {
  const auto pretrained = network_of(of_file()), scratch = network_of(kScratch),
             given = network_of(kScratch + "encoder_rate = 0.5\n");

  EXPECT_EQ(pretrained->learning_rate_factor("encoder.conv2_2.weight"), 0.1);
  EXPECT_EQ(pretrained->learning_rate_factor("hidden.weight"), 1);
  EXPECT_EQ(scratch->learning_rate_factor("encoder.conv2_2.weight"), 1);
  EXPECT_EQ(given->learning_rate_factor("encoder.conv2_2.weight"), 0.5);
}

// A run is used where its encoder's file is not: the checkpoint holds all of the network.
TEST_F(VggRegressors, AreWholeInTheirOwnWeights) {
  const auto squeezenet = [&] {
    NamedTensors weights;
    for (const auto& [name, out, in, side] :
         std::vector<std::tuple<std::string, std::int64_t, std::int64_t, std::int64_t>>{
             {"conv1", 4, 3, 3},
             {"fire2_squeeze", 2, 4, 1},
             {"fire2_expand1x1", 3, 2, 1},
             {"fire2_expand3x3", 3, 2, 3}}) {
      weights[name + ".weight"] = torch::randn({out, in, side, side});
      weights[name + ".bias"] = torch::zeros({out});
    }
    write_safetensors(folder / "squeezenet.safetensors", weights);
    return "name = \"vgg_regressor\"\nencoder = \"squeezenet\"\nlast_layer = \"fire2\"\nencoder_folder = \"" +
           (folder / "").string() + "\"\n";
  }();
  const std::vector<std::string> models{of_file(), of_file("last_layer = \"conv2_1\"\n"), squeezenet,
                                        kScratch, "name = \"vgg_regressor\"\nencoder = \"filters\"\n"};
  std::vector<NamedTensors> weights;
  std::vector<torch::Tensor> answers;
  const auto batch = images(2, 32, 32);
  for (const auto& model : models) {
    const auto network = network_of(model);
    weights.push_back(tensors_of(*network));
    network->eval();
    answers.push_back(network->forward(batch));
  }
  for (const auto* file : {"mine.safetensors", "squeezenet.safetensors"})
    std::filesystem::remove(folder / file);

  for (std::size_t i = 0; i < models.size(); ++i) {
    const auto network = network_of(models[i], 1, &weights[i]);
    const torch::NoGradGuard no_gradients;
    for (auto& parameter : network->named_parameters())
      parameter.value().copy_(weights[i].at(parameter.key()));
    network->eval();

    EXPECT_EQ(tensors_of(*network).size(), weights[i].size()) << models[i];
    EXPECT_TRUE(torch::equal(network->forward(batch), answers[i])) << models[i];
  }
}

// Fresh weights keep the signal's size from layer to layer, whatever the picture's mean is shown as.
TEST_F(VggRegressors, FromScratchBeginWithSignalsOfUnitSize) {
  const auto network = network_of(
      "name = \"vgg_regressor\"\nencoder = \"scratch\"\nbase_width = 32\n"
      "last_layer = \"conv1_2\"\n");
  const auto map = network->feature_map(images(2, 32, 32));

  EXPECT_NEAR(map.square().mean().item<double>(), 1, 0.4);
}

TEST_F(VggRegressors, RefuseWhatTheyCannotBe) {
  const auto message = [&](const std::string& model) {
    return test::message_of<core::InputError>([&] { network_of(model); });
  };

  EXPECT_THAT(message(of_file("last_layer = \"conv3_1\"\n")), HasSubstr("it has no layer \"conv3_1\""));
  EXPECT_THAT(message("name = \"vgg_regressor\"\nencoder = \"filters\"\nlast_layer = \"scale3\"\n"),
              HasSubstr("it has no layer \"scale3\""));
  EXPECT_THAT(message("name = \"vgg_regressor\"\nencoder_folder = \"nowhere\"\n"),
              HasSubstr("nowhere/vgg19.safetensors, there is no such file"));
  EXPECT_THAT(message(kScratch + "trained = \"top\"\n"), HasSubstr("model.trained"));
  EXPECT_THAT(message(of_file("base_width = 8\n")), HasSubstr("base_width"));
  EXPECT_THAT(test::message_of<core::InputError>([&] { network_of(kScratch)->forward(images(1, 6, 6)); }),
              HasSubstr("Take larger pictures"));
}

}  // namespace
}  // namespace tessera::models
