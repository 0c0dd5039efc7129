// SPDX-License-Identifier: Apache-2.0
#include "microstructure/filters/augmentation.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <set>

namespace tessera::microstructure {
namespace {

// Grey level and class tell where a pixel came from.
Image numbered(int height, int width) {
  Image image{Raster<std::uint16_t>(height, width), 16, 1.0};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) image.grey(y, x) = static_cast<std::uint16_t>(100 * y + x);
  return image;
}
Mask parity(const Image& image) {
  Mask mask(image.grey.height(), image.grey.width());
  for (std::size_t i = 0; i < mask.size(); ++i) mask.values()[i] = image.grey.values()[i] % 2;
  return mask;
}

TEST(Augmentation, TurnsImageAndMaskAlikeIntoAllEightPositions) {
  const Image image = numbered(7, 7);
  const Mask mask = parity(image);
  std::set<std::vector<float>> seen;
  for (std::uint64_t i = 0; i < 200; ++i) {
    core::RandomStream random(1, "test", i);
    const auto patch = draw_patch(image, &mask, {0, 1}, 7, {}, random);
    seen.insert(patch.grey.values());
    std::multiset<float> levels(patch.grey.values().begin(), patch.grey.values().end());
    EXPECT_EQ(levels, std::multiset<float>(image.grey.values().begin(), image.grey.values().end()));
    for (std::size_t p = 0; p < mask.size(); ++p)
      ASSERT_EQ(patch.mask.values()[p], static_cast<int>(patch.grey.values()[p]) % 2);
  }
  EXPECT_EQ(seen.size(), 8u);
}

TEST(Augmentation, CutsPiecesFromEverywhere) {
  const Image image = numbered(9, 12);
  std::set<float> corners;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    core::RandomStream random(1, "test", i);
    corners.insert(draw_patch(image, nullptr, {0, 1}, 5, {.dihedral = false}, random).grey(0, 0));
  }
  EXPECT_EQ(corners.size(), 5u * 8u);
}

TEST(Augmentation, MirrorsWhatIsTooSmall) {
  const Image image = numbered(3, 3);
  core::RandomStream random(1, "test");
  const auto patch = draw_patch(image, nullptr, {0, 1}, 5, {.dihedral = false}, random);
  EXPECT_EQ(patch.grey(1, 1), 0);
  EXPECT_EQ(patch.grey(0, 0), 101);  // beyond the corner lies what is inside of it
  EXPECT_EQ(patch.grey(4, 4), 101);
  EXPECT_EQ(patch.grey(0, 2), 101);
}

TEST(Augmentation, AnyAngleKeepsAPlaneAPlane) {
  // Grey levels linear in y and x: bilinear sampling gives them exactly, and every piece is a plane of the
  // same slope.
  const Image image = numbered(120, 120);
  for (std::uint64_t i = 0; i < 20; ++i) {
    core::RandomStream random(2, "test", i);
    const auto patch = draw_patch(image, nullptr, {0, 1}, 20, {.rotate = true}, random);
    const double down = patch.grey(11, 10) - patch.grey(10, 10),
                 right = patch.grey(10, 11) - patch.grey(10, 10);
    EXPECT_NEAR(std::hypot(down, right), std::hypot(100.0, 1.0), 4);  // OpenCV samples on a grid of 1/32 px
  }
}

TEST(Augmentation, ElasticBendsByThePixelsAsked) {
  const Image image = numbered(200, 60);
  double squares = 0;
  int count = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    core::RandomStream random(3, "test", i), same(3, "test", i);
    const AugmentationOptions straight{.dihedral = false}, bent{.dihedral = false, .elastic = 2};
    const auto a = draw_patch(image, nullptr, {0, 1}, 40, straight, same);
    const auto b = draw_patch(image, nullptr, {0, 1}, 40, bent, random);
    for (int y = 12; y < 28; y += 5) squares += std::pow((b.grey(y, 20) - a.grey(y, 20)) / 100, 2), ++count;
  }
  EXPECT_NEAR(std::sqrt(squares / count), 2, 0.7);
}

TEST(Augmentation, StandardisesAndLights) {
  Image image = numbered(50, 50);
  const auto scale = grey_scale(image);
  const auto plain = standardised(image, scale);
  double sum = 0, squares = 0;
  for (const double level : plain.values()) sum += level, squares += level * level;
  EXPECT_NEAR(sum / 2500, 0, 1e-4);
  EXPECT_NEAR(squares / 2500, 1, 1e-4);

  core::RandomStream random(4, "test");
  const auto lit =
      draw_patch(image, nullptr, scale, 50, {.dihedral = false, .brightness = 1, .contrast = 0.5}, random);
  const float factor = (lit.grey(40, 0) - lit.grey(0, 0)) / (plain(40, 0) - plain(0, 0));
  EXPECT_NE(factor, 1);
  EXPECT_LT(std::abs(std::log(factor)), 0.5001);
  const float shift = lit.grey(0, 0) - factor * plain(0, 0);
  EXPECT_LE(std::abs(shift), 1.001f);
  EXPECT_NEAR(lit.grey(7, 33), factor * plain(7, 33) + shift, 1e-3);

  image.grey = Raster<std::uint16_t>(8, 8, 77);
  EXPECT_EQ(grey_scale(image).deviation, 1);
}

TEST(Augmentation, OfAWholeRectangleKeepsItsSides) {
  const Image image = numbered(3, 5);
  std::set<std::vector<float>> seen;
  for (std::uint64_t i = 0; i < 100; ++i) {
    core::RandomStream random(6, "test", i);
    const auto turned = augmented(image, {0, 1}, {}, random);
    ASSERT_EQ(turned.height(), 3);
    ASSERT_EQ(turned.width(), 5);
    seen.insert(turned.values());
    EXPECT_EQ(std::multiset<float>(turned.values().begin(), turned.values().end()),
              std::multiset<float>(image.grey.values().begin(), image.grey.values().end()));
  }
  EXPECT_EQ(seen.size(), 4u);
}

TEST(Augmentation, OfAWholeSquareIsAPieceOfItsSize) {
  const Image image = numbered(16, 16);
  const AugmentationOptions all{true, true, 1.5, 0.3, 0.3, 0.3, 0.1, 1.0};
  core::RandomStream one(7, "test"), two(7, "test");
  EXPECT_EQ(augmented(image, {100, 50}, all, one), draw_patch(image, nullptr, {100, 50}, 16, all, two).grey);
}

TEST(Augmentation, IsTheStreamsAlone) {
  const Image image = numbered(64, 64);
  const Mask mask = parity(image);
  const AugmentationOptions all{true, true, 1.5, 0.3, 0.3, 0.3, 0.1, 1.0};
  core::RandomStream one(5, "test", 9), two(5, "test", 9), other(5, "test", 10);
  const auto a = draw_patch(image, &mask, grey_scale(image), 32, all, one);
  const auto b = draw_patch(image, &mask, grey_scale(image), 32, all, two);
  EXPECT_EQ(a.grey, b.grey);
  EXPECT_EQ(a.mask, b.mask);
  EXPECT_NE(a.grey, draw_patch(image, &mask, grey_scale(image), 32, all, other).grey);
}

}  // namespace
}  // namespace tessera::microstructure
