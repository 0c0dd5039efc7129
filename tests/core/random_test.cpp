// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace tessera::core {
namespace {

TEST(Philox, GivesThePublishedVectors) {
  // Known answers of Random123 1.14 for philox4x32-10.
  using Block = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, DependsOnSeedPurposeAndIndexAlone) {
  EXPECT_EQ(RandomStream(1, "shuffle", 2).bits64(), RandomStream(1, "shuffle", 2).bits64());
  EXPECT_NE(RandomStream(1, "shuffle", 2).bits64(), RandomStream(2, "shuffle", 2).bits64());
  EXPECT_NE(RandomStream(1, "shuffle", 2).bits64(), RandomStream(1, "dropout", 2).bits64());
  EXPECT_NE(RandomStream(1, "shuffle", 2).bits64(), RandomStream(1, "shuffle", 3).bits64());
}

TEST(RandomStream, UniformAndNormalHaveTheirMoments) {
  RandomStream stream(7, "moments");
  const int draws = 200'000;
  double mean = 0, normal_mean = 0, normal_square = 0;
  for (int i = 0; i < draws; ++i) {
    mean += stream.uniform() / draws;
    const double z = stream.normal();
    normal_mean += z / draws;
    normal_square += z * z / draws;
  }

  EXPECT_NEAR(mean, 0.5, 0.004);  // five standard errors
  EXPECT_NEAR(normal_mean, 0.0, 0.012);
  EXPECT_NEAR(normal_square, 1.0, 0.016);
}

TEST(RandomStream, BelowReachesEveryValueEvenly) {
  RandomStream stream(7, "below");
  std::vector<int> counts(5);
  for (int i = 0; i < 50'000; ++i) ++counts[stream.below(5)];

  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(RandomStream, ShufflesToAPermutation) {
  std::vector<int> values(1000);
  std::iota(values.begin(), values.end(), 0);
  auto shuffled = values;
  RandomStream(3, "shuffle").shuffle(std::span(shuffled));

  EXPECT_NE(shuffled, values);
  std::sort(shuffled.begin(), shuffled.end());
  EXPECT_EQ(shuffled, values);
}

}  // namespace
}  // namespace tessera::core
