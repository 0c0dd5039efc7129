// SPDX-License-Identifier: Apache-2.0
#include "microstructure/filters/grey_scale.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "core/random.hpp"

namespace tessera::microstructure {
namespace {

Image random_image(int height, int width, int bits, std::uint64_t index) {
  core::RandomStream random(1, "grey", index);
  Image image{Raster<std::uint16_t>(height, width), bits};
  for (auto& level : image.grey.values())
    level = static_cast<std::uint16_t>(random.below(std::uint64_t{1} << bits));
  return image;
}

TEST(GreySums, AreTheMeanAndDeviationOfAllPixels) {
  GreySums sums;
  double sum = 0, squares = 0, count = 0;
  for (std::uint64_t i = 0; i < 6; ++i) {
    const auto image = random_image(10 + static_cast<int>(i), 20, i % 2 ? 16 : 8, i);
    sums.add(image);
    for (const double level : image.grey.values()) {
      const double share = level / (image.bits == 16 ? 65535 : 255);
      sum += share, squares += share * share, ++count;
    }
  }

  const auto scale = sums.scale();

  EXPECT_NEAR(scale.mean, sum / count, 1e-7);
  EXPECT_NEAR(scale.deviation, std::sqrt(squares / count - std::pow(sum / count, 2)), 1e-7);
}

TEST(GreySums, DoNotDependOnWhoAddsWhat) {
  GreySums all, first, second;
  for (std::uint64_t i = 0; i < 9; ++i) all.add(random_image(9, 31, 16, i));
  for (std::uint64_t i = 9; i-- > 0;) (i % 3 ? first : second).add(random_image(9, 31, 16, i));
  for (std::size_t i = 0; i < 4; ++i) first.sums[i] += second.sums[i];

  EXPECT_EQ(all.sums, first.sums);
}

TEST(GreySums, OfOneLevelOrOfNothingHaveDeviationOne) {
  GreySums sums;
  EXPECT_EQ(sums.scale().deviation, 1);
  sums.add({Raster<std::uint16_t>(40, 30, 200), 8});
  EXPECT_EQ(sums.scale().deviation, 1);
  EXPECT_FLOAT_EQ(sums.scale().mean, 200.0f / 255);
}

// White paper with a tenth of black stays told from one with a half: nothing is standardised by the image.
TEST(GreyScale, OfASetKeepsTheFractionOfAPhase) {
  Image tenth{Raster<std::uint16_t>(10, 10, 255), 8}, half = tenth;
  for (int x = 0; x < 10; ++x) tenth.grey(0, x) = 0;
  for (int i = 0; i < 50; ++i) half.grey.values()[static_cast<std::size_t>(i)] = 0;
  GreySums sums;
  sums.add(tenth);
  sums.add(half);  // 30 % of the set is black: mean 0.7, deviation √0.21

  const auto mean_of = [&](const Image& image) {
    const auto grey = standardised(image, in_levels(sums.scale(), image.bits));
    return std::accumulate(grey.values().begin(), grey.values().end(), 0.0) / 100;
  };

  EXPECT_NEAR(mean_of(tenth), 0.2 / std::sqrt(0.21), 1e-5);
  EXPECT_NEAR(mean_of(half), -0.2 / std::sqrt(0.21), 1e-5);
}

}  // namespace
}  // namespace tessera::microstructure
