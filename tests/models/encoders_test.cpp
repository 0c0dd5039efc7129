// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "core/error.hpp"
#include "models/check_gradient.hpp"
#include "models/encoders/convolution_stack.hpp"
#include "models/encoders/encoder.hpp"
#include "models/encoders/squeezenet.hpp"
#include "models/encoders/vgg19.hpp"
#include "models/safetensors.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::models {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

void add_filters(NamedTensors& weights, const std::string& name, std::int64_t out, std::int64_t in,
                 std::int64_t side) {
  weights[name + ".weight"] = torch::randn({out, in, side, side}) / std::sqrt(in * side * side);
  weights[name + ".bias"] = 0.3 * torch::randn({out});
}

// Narrow networks of the two layouts, with random weights, in a folder as ./dev encoders leaves it.
class Encoders : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(3);
    NamedTensors vgg{{"mean", torch::tensor({100.0f, 110.0f, 120.0f})}};
    std::int64_t in = 3;
    for (const auto& [name, out] : std::vector<std::pair<std::string, int>>{
             {"conv1_1", 4}, {"conv1_2", 5}, {"conv2_1", 6}, {"conv2_2", 4}, {"conv3_1", 3}}) {
      add_filters(vgg, name, out, in, 3);
      in = out;
    }
    vgg["conv1_1.weight"] /= 255;
    write_safetensors(folder / "vgg19.safetensors", vgg);
    NamedTensors squeezenet;
    add_filters(squeezenet, "conv1", 6, 3, 3);
    squeezenet["conv1.weight"] /= 255;
    add_filters(squeezenet, "fire2_squeeze", 3, 6, 1);
    add_filters(squeezenet, "fire2_expand1x1", 4, 3, 1);
    add_filters(squeezenet, "fire2_expand3x3", 5, 3, 3);
    add_filters(squeezenet, "fire3_squeeze", 3, 9, 1);
    write_safetensors(folder / "squeezenet.safetensors", squeezenet);
  }

  EncoderOptions options(const std::string& name, std::vector<std::string> layers = {}) {
    return {.name = name, .folder = folder / "", .layers = std::move(layers)};
  }
  std::string error_of(const NamedTensors& weights) {
    write_safetensors(folder / "mine.safetensors", weights);
    return test::message_of<core::InputError>(
        [&] { make_encoder(options((folder / "mine.safetensors").string())); });
  }

  test::TemporaryFolder folder;
};

TEST_F(Encoders, GiveTheLayersAskedForInTheirShapes) {
  const auto pictures = torch::rand({2, 3, 16, 24});
  const auto sizes = [&](const EncoderOptions& options) {
    std::vector<std::vector<std::int64_t>> found;
    for (const auto& map : make_encoder(options)->activations(pictures)) found.push_back(map.sizes().vec());
    return found;
  };

  EXPECT_THAT(sizes(options("vgg19", {"conv2_1", "conv1_2"})),
              ElementsAre(ElementsAre(2, 5, 16, 24), ElementsAre(2, 6, 8, 12)));
  EXPECT_THAT(sizes(options("vgg19")), ElementsAre(ElementsAre(2, 5, 16, 24), ElementsAre(2, 4, 8, 12)));
  EXPECT_THAT(sizes(options("squeezenet", {"conv1", "fire2", "fire3_squeeze"})),
              ElementsAre(ElementsAre(2, 6, 8, 12), ElementsAre(2, 9, 4, 6), ElementsAre(2, 3, 4, 6)));
  EXPECT_THAT(sizes(options("filters", {"scale2"})), ElementsAre(ElementsAre(2, 64, 16, 24)));
  EXPECT_THAT(encoder_layers(options("vgg19")),
              ElementsAre("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"));
  EXPECT_THAT(encoder_layers(options("filters")), ElementsAre("scale1", "scale2", "scale4", "scale8"));
}

TEST_F(Encoders, LeaveOutWhatLiesBehindTheDeepestLayer) {
  EXPECT_EQ(make_encoder(options("vgg19", {"conv1_2"}))->parameters().size(), 4u);
  EXPECT_EQ(make_encoder(options("vgg19", {"conv3_1"}))->parameters().size(), 10u);
  EXPECT_EQ(make_encoder(options("squeezenet", {"fire2"}))->parameters().size(), 8u);
}

// Every number by loops: blue, green, red less the mean, 3 × 3 neighbours, then averages of 2 × 2.
torch::Tensor by_hand(const NamedTensors& weights, const torch::Tensor& picture, Padding padding) {
  const std::int64_t height = picture.size(1), width = picture.size(2);
  const auto convolve = [&](const torch::Tensor& map, const std::string& name) {
    const auto weight = weights.at(name + ".weight"), bias = weights.at(name + ".bias");
    const std::int64_t rows = map.size(1), columns = map.size(2);
    auto result = torch::zeros({weight.size(0), rows, columns}, torch::kFloat64);
    for (std::int64_t out = 0; out < weight.size(0); ++out)
      for (std::int64_t y = 0; y < rows; ++y)
        for (std::int64_t x = 0; x < columns; ++x) {
          double sum = bias[out].item<double>();
          for (std::int64_t in = 0; in < weight.size(1); ++in)
            for (std::int64_t dy = -1; dy <= 1; ++dy)
              for (std::int64_t dx = -1; dx <= 1; ++dx) {
                const bool is_inside = y + dy >= 0 && y + dy < rows && x + dx >= 0 && x + dx < columns;
                if (!is_inside && padding == Padding::Zero) continue;
                sum += weight[out][in][dy + 1][dx + 1].item<double>() *
                       map[in][(y + dy + rows) % rows][(x + dx + columns) % columns].item<double>();
              }
          result[out][y][x] = std::max(sum, 0.0);
        }
    return result;
  };
  auto map = torch::zeros({3, height, width}, torch::kFloat64);
  for (std::int64_t channel = 0; channel < 3; ++channel)
    map[channel] = 255 * picture[2 - channel] - weights.at("mean")[channel].item<double>();
  map = convolve(convolve(map, "conv1_1"), "conv1_2");
  auto halved = torch::zeros({map.size(0), height / 2, width / 2}, torch::kFloat64);
  for (std::int64_t channel = 0; channel < map.size(0); ++channel)
    for (std::int64_t y = 0; y < height / 2; ++y)
      for (std::int64_t x = 0; x < width / 2; ++x)
        halved[channel][y][x] = (map[channel][2 * y][2 * x] + map[channel][2 * y][2 * x + 1] +
                                 map[channel][2 * y + 1][2 * x] + map[channel][2 * y + 1][2 * x + 1]) /
                                4;
  return convolve(halved, "conv2_1");
}

TEST_F(Encoders, Vgg19IsWhatLoopsCompute) {
  const auto weights = read_safetensors(folder / "vgg19.safetensors");
  const auto picture = torch::rand({3, 5, 6}, torch::kFloat64);  // the fifth row has no partner at the pool

  for (const auto padding : {Padding::Zero, Padding::Periodic}) {
    auto chosen = options("vgg19", {"conv2_1"});
    chosen.padding = padding;
    const auto encoder = make_encoder(chosen);
    encoder->to(torch::kFloat64);
    const auto map = encoder->activations(picture.unsqueeze(0))[0][0];

    EXPECT_LT((map - by_hand(weights, picture, padding)).abs().max().item<double>(), 1e-12);
    EXPECT_GT(map.mean().item<double>(), 0.01);
  }
}

TEST_F(Encoders, APeriodicPictureShiftedHasItsActivationsShifted) {
  const auto picture = torch::rand({1, 3, 24, 16}, torch::kFloat64);
  // px that one pixel of the layer stands for
  const auto expect_shift = [&](const std::string& name, const std::string& layer, std::int64_t stride) {
    const auto encoder = make_encoder(options(name, {layer}));
    encoder->to(torch::kFloat64);
    const auto map = encoder->activations(picture)[0];
    const auto shifted = encoder->activations(picture.roll({3 * stride, stride}, {2, 3}))[0];
    EXPECT_LT((shifted - map.roll({3, 1}, {2, 3})).abs().max().item<double>(), 1e-13) << layer;
  };

  expect_shift("vgg19", "conv1_2", 1);
  expect_shift("vgg19", "conv3_1", 4);
  expect_shift("squeezenet", "fire2", 4);
  for (const auto* layer : {"scale1", "scale2", "scale4", "scale8"}) expect_shift("filters", layer, 1);
}

TEST_F(Encoders, NormalisedFiltersAreOfMeanOneAndElseTheSame) {
  auto weights = read_safetensors(folder / "vgg19.safetensors");
  weights["conv1_2.bias"][2] = -1000;  // a filter that is never active
  write_safetensors(folder / "vgg19.safetensors", weights);
  const auto pictures = torch::rand({3, 3, 24, 16}, torch::kFloat64);

  for (const std::string name : {"vgg19", "squeezenet", "filters"}) {
    const auto encoder = make_encoder(options(name, encoder_layers(options(name))));
    encoder->to(torch::kFloat64);
    const auto before = encoder->activations(pictures);
    encoder->normalise_filters(pictures);
    const auto after = encoder->activations(pictures);

    for (std::size_t i = 0; i < before.size(); ++i) {
      const auto mean = before[i].mean({0, 2, 3}, true);
      const auto is_active = mean > 0;
      const auto expected = torch::where(is_active, before[i] / mean, before[i]);
      // A filter that is seldom active is scaled up by much, and with it its rounding.
      const double largest = std::max(1.0, expected.abs().max().item<double>());
      EXPECT_LT((after[i] - expected).abs().max().item<double>(), 1e-10 * largest) << name << " " << i;
      EXPECT_LT((after[i].mean({0, 2, 3}, true) - 1).masked_select(is_active).abs().max().item<double>(),
                1e-12);
    }
  }
}

TEST_F(Encoders, GradientsAreThoseOfDifferences) {
  for (const std::string name : {"vgg19", "squeezenet", "filters"}) {
    const auto encoder = make_encoder(options(name, {encoder_layers(options(name)).back()}));
    encoder->to(torch::kFloat64);
    const auto picture = torch::rand({1, 3, 16, 16}, torch::kFloat64);
    const auto part = picture.slice(2, 0, 3).slice(3, 0, 4).clone();
    test::expect_gradient_of_differences(
        [&] {
          auto whole = picture.clone();
          whole.slice(2, 0, 3).slice(3, 0, 4).copy_(part);
          return encoder->activations(whole)[0];
        },
        {part});
    for (const auto& parameter : encoder->parameters()) EXPECT_FALSE(parameter.requires_grad()) << name;
  }
}

TEST_F(Encoders, UntrainedFiltersAreNamedByTheirSeed) {
  const auto filters = [&](std::uint64_t seed, std::vector<std::string> layers) {
    auto chosen = options("filters", std::move(layers));
    chosen.seed = seed;
    return make_encoder(chosen)->named_parameters()["scale4.weight"].clone();
  };

  EXPECT_TRUE(torch::equal(filters(1, {}), filters(1, {"scale4"})));
  EXPECT_FALSE(torch::equal(filters(1, {}), filters(2, {})));
}

TEST_F(Encoders, AFileThatDoesNotFitIsNamedWithItsLayer) {
  const auto whole = read_safetensors(folder / "vgg19.safetensors");
  auto weights = whole;
  weights.erase("conv2_1.bias");
  EXPECT_THAT(error_of(weights), HasSubstr("mine.safetensors must hold the tensor conv2_1.bias"));
  weights = whole;
  weights["conv2_1.weight"] = torch::zeros({6, 4, 3, 3});
  EXPECT_THAT(error_of(weights), HasSubstr("conv2_1.weight must have shape (out, 5, side, side) with an odd "
                                           "side, got (6, 4, 3, 3)"));
  weights = whole;
  weights["conv1_1.bias"] = torch::zeros({4, 1});
  EXPECT_THAT(error_of(weights), HasSubstr("conv1_1.bias must have shape (4), got (4, 1)"));
  weights = whole;
  weights["conv1_1.weight"] = torch::zeros({4, 3, 3, 3}, torch::kInt64);
  EXPECT_THAT(error_of(weights), HasSubstr("conv1_1.weight must be of floating-point numbers, got Long"));
  weights = whole;
  weights["fc6.weight"] = torch::zeros({2, 2});
  EXPECT_THAT(error_of(weights), HasSubstr("holds the tensor fc6.weight of shape (2, 2), which no layer"));
  weights = whole;
  weights["mean"] = torch::zeros({1});
  EXPECT_THAT(error_of(weights), HasSubstr("mean must have shape (3), got (1)"));
  EXPECT_THAT(error_of({}), HasSubstr("must hold the tensor conv1_1.weight"));
}

TEST_F(Encoders, WhatCannotBeIsRefusedWithItsRemedy) {
  const auto refusal = [&](const EncoderOptions& chosen, std::int64_t size = 16) {
    return test::message_of<core::InputError>([&] {
      make_encoder(chosen)->activations(torch::rand({1, 3, size, size}));
    });
  };

  EXPECT_THAT(refusal({.name = "vgg16"}), HasSubstr("got \"vgg16\""));
  EXPECT_THAT(refusal({.name = "vgg19", .folder = folder / "none"}),
              testing::AllOf(HasSubstr("none/vgg19.safetensors, there is no such file"),
                             HasSubstr("./dev encoders")));
  EXPECT_THAT(refusal(options("vgg19", {"conv5_4"})), HasSubstr("it has no layer \"conv5_4\""));
  EXPECT_THAT(refusal(options("filters", {"scale3"})), HasSubstr("it has no layer \"scale3\""));
  EXPECT_THAT(refusal(options("vgg19", {"conv3_1"}), 3), HasSubstr("halves it before conv3_1, got 1 by 1"));
  EXPECT_THAT(refusal(options("filters"), 15), HasSubstr("must be at least 16 px wide and high"));
}

TEST(Vgg19, HasSixteenLayersAndFourPools) {
  const auto plan = vgg19_plan();

  EXPECT_EQ(plan.stages.size(), 16u);
  EXPECT_EQ(std::ranges::count_if(plan.stages, [](const auto& stage) { return stage.is_after_pool; }), 4);
  EXPECT_THAT(plan.default_layers, ElementsAre("conv1_2", "conv2_2", "conv3_4", "conv4_4"));
}

}  // namespace
}  // namespace tessera::models
