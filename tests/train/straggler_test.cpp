// SPDX-License-Identifier: Apache-2.0
#include "train/straggler.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tessera::train {
namespace {

std::vector<SectionSeconds> ranks_that_compute(const std::vector<double>& seconds) {
  std::vector<SectionSeconds> ranks(seconds.size());
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    ranks[i][static_cast<std::size_t>(Section::Input)] = 1;
    ranks[i][static_cast<std::size_t>(Section::Compute)] = seconds[i] - 1;
    ranks[i][static_cast<std::size_t>(Section::Imbalance)] = 100 - seconds[i];
  }
  return ranks;
}

TEST(Straggler, IsTheOneRankThatTheOthersWaitFor) {
  const auto found = find_straggler(ranks_that_compute({20, 21, 42, 20, 21}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->rank, 2);
  EXPECT_DOUBLE_EQ(found->times_median, 2);
}

TEST(Straggler, ThereIsNoneAmongEqualsNorInAShortRunNorAmongTwo) {
  EXPECT_FALSE(find_straggler(ranks_that_compute({20, 21, 23, 20, 21})));
  EXPECT_FALSE(find_straggler(ranks_that_compute({2, 2, 4})));
  EXPECT_FALSE(find_straggler(ranks_that_compute({20, 42})));
  EXPECT_FALSE(find_straggler({}));
}

}  // namespace
}  // namespace tessera::train
