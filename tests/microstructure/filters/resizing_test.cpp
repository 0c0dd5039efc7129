// SPDX-License-Identifier: Apache-2.0
#include "microstructure/filters/resizing.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace tessera::microstructure {
namespace {

using Levels = std::vector<std::uint16_t>;

Image of(int height, int width, const Levels& levels, int bits = 16) {
  Image image{Raster<std::uint16_t>(height, width), bits};
  image.grey.values() = levels;
  return image;
}

TEST(Windows, InTheMiddleAreTheLargestOfTheShape) {
  EXPECT_EQ(centred_window({10, 10}, {4, 4}), (Window{0, 0, 10, 10}));
  EXPECT_EQ(centred_window({6, 11}, {4, 4}), (Window{0, 2, 6, 6}));
  EXPECT_EQ(centred_window({11, 6}, {40, 40}), (Window{2, 0, 6, 6}));
  EXPECT_EQ(centred_window({9, 12}, {9, 12}), (Window{0, 0, 9, 12}));
  EXPECT_EQ(centred_window({9, 12}, {2, 4}), (Window{1, 0, 6, 12}));
}

TEST(Windows, OfTheWholeAreaSlideAlongALongImage) {
  std::set<int> lefts;
  for (std::uint64_t i = 0; i < 200; ++i) {
    core::RandomStream random(1, "window", i);
    const auto window = random_window({6, 9}, {4, 4}, 1, random);
    EXPECT_EQ(window, (Window{0, window.left, 6, 6}));
    lefts.insert(window.left);
    EXPECT_EQ(random_window({7, 7}, {4, 4}, 1, random), (Window{0, 0, 7, 7}));
  }
  EXPECT_EQ(lefts, (std::set<int>{0, 1, 2, 3}));
}

TEST(Windows, AtRandomCoverTheSharesAndStretchesAskedFor) {
  double least = 1, most = 0, flattest = 1, tallest = 1, mean = 0;
  constexpr int kCount = 2000;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    core::RandomStream random(2, "window", i);
    const auto window = random_window({500, 500}, {64, 64}, 0.25, random);
    ASSERT_TRUE(window.top >= 0 && window.left >= 0 && window.top + window.height <= 500 &&
                window.left + window.width <= 500);
    const double share = window.height * window.width / 250000.0,
                 stretch = static_cast<double>(window.width) / window.height;
    least = std::min(least, share), most = std::max(most, share);
    tallest = std::min(tallest, stretch), flattest = std::max(flattest, stretch);
    mean += share / kCount;
  }
  EXPECT_NEAR(least, 0.25, 0.01);
  EXPECT_GT(most, 0.95);
  EXPECT_NEAR(flattest, 4.0 / 3, 0.02);
  EXPECT_NEAR(tallest, 0.75, 0.02);
  // Shares up to ¾ fit with any stretch, a larger s with the part −ln s / ln 4⁄3 of them.
  EXPECT_NEAR(mean, 0.564, 0.012);
}

// No window of that area fits into a strip: the middle of it, stretched as far as is allowed.
TEST(Windows, OfAStripAreItsMiddle) {
  core::RandomStream random(3, "window");
  EXPECT_EQ(random_window({30, 400}, {64, 64}, 0.9, random), (Window{0, 180, 30, 40}));
  EXPECT_EQ(random_window({400, 30}, {64, 64}, 0.9, random), (Window{180, 0, 40, 30}));
}

TEST(Resizing, LeavesAWindowOfTheSizeAsItStands) {
  const Image image = of(3, 4, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 8);

  const Image piece = resized(image, {1, 2, 2, 2}, {2, 2});

  EXPECT_EQ(piece.grey.values(), (Levels{7, 8, 11, 12}));
  EXPECT_EQ(piece.bits, 8);
}

TEST(Resizing, AveragesWhatShrinks) {
  const Image image = of(2, 6,
                         {0, 10, 20, 30, 40, 50,  //
                          20, 10, 40, 30, 0, 90});

  EXPECT_EQ(resized(image, {0, 0, 2, 6}, {1, 3}).grey.values(), (Levels{10, 30, 45}));
  EXPECT_EQ(resized(image, {0, 0, 2, 6}, {2, 2}).grey.values(), (Levels{10, 40, 23, 40}));
  // Three pixels to two: one and a half each.
  EXPECT_EQ(resized(of(1, 3, {30, 60, 90}), {0, 0, 1, 3}, {1, 2}).grey.values(), (Levels{40, 80}));
}

TEST(Resizing, IsFinerThanTheLevelsOf8Bits) {
  const Image half = resized(of(1, 2, {0, 255}, 8), {0, 0, 1, 2}, {1, 1});

  EXPECT_EQ(half.bits, 16);
  EXPECT_NEAR(half.grey(0, 0), 65535 / 2.0, 0.51);
}

TEST(Resizing, InterpolatesWhatGrowsAlongEachAxisOfItsOwn) {
  // Pixel centres at ¼, ¾ of a source pixel; beyond the outermost centres the border goes on.
  EXPECT_EQ(resized(of(1, 2, {0, 400}), {0, 0, 1, 2}, {1, 4}).grey.values(), (Levels{0, 100, 300, 400}));
  // Height shrinks by averages while width grows.
  EXPECT_EQ(resized(of(2, 2, {0, 300, 0, 500}), {0, 0, 2, 2}, {1, 4}).grey.values(),
            (Levels{0, 100, 300, 400}));
}

}  // namespace
}  // namespace tessera::microstructure
