// SPDX-License-Identifier: Apache-2.0
#include "train/tiled_inference.hpp"

#include <gmock/gmock.h>

#include "core/random.hpp"
#include "train/dihedral_mean.hpp"

namespace tessera::train {
namespace {

using ::testing::ElementsAre;

// Each pixel's logit is the mean over a square about it, and a slope from left to right where that is asked
// for.
class LocalMean final : public models::Network {
 public:
  explicit LocalMean(bool lopsided = false) : lopsided_(lopsided) {}
  torch::Tensor forward(const models::Batch& batch) override {
    ++calls;
    auto kernel = torch::ones({1, 1, 5, 5}) / 25;
    if (lopsided_) kernel = kernel * torch::arange(5, torch::kFloat32);
    return torch::nn::functional::conv2d(batch.images.grey, kernel,
                                         torch::nn::functional::Conv2dFuncOptions().padding(2));
  }
  models::Features features() const override { return models::Features::Image; }
  bool is_of_pixels() const override { return true; }
  int calls = 0;

 private:
  bool lopsided_;
};

microstructure::Raster<float> random_grey(int height, int width) {
  core::RandomStream random(1, "test");
  microstructure::Raster<float> grey(height, width);
  for (auto& level : grey.values()) level = static_cast<float>(random.normal());
  return grey;
}

TEST(TiledInference, CoversEveryPixel) {
  EXPECT_THAT(tile_origins(100, 128, 32), ElementsAre(0));
  EXPECT_THAT(tile_origins(128, 128, 32), ElementsAre(0));
  EXPECT_THAT(tile_origins(129, 128, 32), ElementsAre(0, 1));
  EXPECT_THAT(tile_origins(300, 128, 32), ElementsAre(0, 96, 172));
}

TEST(TiledInference, GivesWhatTheWholeImageGives) {
  // Beyond two pixels from a tile's border the network sees the same; the border itself weighs little, and
  // with an overlap of 16 every pixel is two or more from the border of some tile, though the fading one has
  // its share.
  LocalMean network;
  const auto grey = random_grey(90, 70);
  const auto whole = predict_pixels(network, grey, {.tile = 128}, torch::kCPU);
  EXPECT_EQ(network.calls, 1);
  const auto tiled = predict_pixels(network, grey, {.tile = 40, .overlap = 16}, torch::kCPU);
  EXPECT_GT(network.calls, 6);
  EXPECT_EQ(whole.sizes(), torch::IntArrayRef({1, 90, 70}));
  EXPECT_LT((whole - tiled).abs().max().item<double>(), 0.03);
  EXPECT_LT((whole - tiled).abs().mean().item<double>(), 0.002);
}

TEST(TiledInference, FlipsMakeTheAnswerTurnWithThePicture) {
  LocalMean lopsided(true);
  const auto grey = random_grey(24, 24);
  microstructure::Raster<float> mirrored(24, 24);
  for (int y = 0; y < 24; ++y)
    for (int x = 0; x < 24; ++x) mirrored(y, x) = grey(y, 23 - x);
  const auto difference = [&](bool flips) {
    DihedralMean mean(lopsided);
    models::Network& network = flips ? static_cast<models::Network&>(mean) : lopsided;
    const auto a = predict_pixels(network, grey, {}, torch::kCPU);
    const auto b = predict_pixels(network, mirrored, {}, torch::kCPU).flip(-1);
    return (a - b).abs().max().item<double>();
  };
  EXPECT_GT(difference(false), 0.05);
  EXPECT_LT(difference(true), 1e-6);
}

TEST(TiledInference, MakesMasks) {
  const auto mask = mask_of(torch::tensor({{{0.4f, 0.6f}, {0.5f, 0.9f}}}));
  EXPECT_THAT(mask.values(), ElementsAre(0, 1, 0, 1));
  const auto classes = mask_of(torch::tensor({{{0.1f, 0.6f}}, {{0.2f, 0.3f}}, {{0.7f, 0.1f}}}));
  EXPECT_THAT(classes.values(), ElementsAre(2, 0));
}

}  // namespace
}  // namespace tessera::train
