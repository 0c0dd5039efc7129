// SPDX-License-Identifier: Apache-2.0
#include "data/assignment.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "core/random.hpp"

namespace tessera::data {
namespace {

using ::testing::ElementsAre;

// Faces of Materials Project crystals spread about so: a log-normal with a long tail.
std::vector<double> made_costs(int count, std::uint64_t seed) {
  core::RandomStream random(seed, "costs");
  std::vector<double> costs;
  for (int i = 0; i < count; ++i) costs.push_back(std::floor(700 * std::exp(0.6 * random.normal())));
  return costs;
}

void expect_each_once(const Assignment& assignment, std::int64_t count) {
  std::vector<std::int64_t> all;
  for (const auto& part : assignment) {
    EXPECT_TRUE(std::is_sorted(part.begin(), part.end()));
    all.insert(all.end(), part.begin(), part.end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(static_cast<std::int64_t>(all.size()), count);
  for (std::int64_t i = 0; i < count; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)], i);
}

// Largest load over mean load; 1 is perfect.
double imbalance(const std::vector<double>& costs, const Assignment& assignment) {
  double largest = 0, total = 0;
  for (const auto& part : assignment) {
    double load = 0;
    for (const auto position : part) load += costs[static_cast<std::size_t>(position)];
    largest = std::max(largest, load);
    total += load;
  }
  return largest * static_cast<double>(assignment.size()) / total;
}

TEST(Assignment, ByCostIsEvenToATenth) {
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    for (int parts : {2, 3, 4, 8}) {
      const auto costs = made_costs(128, seed);
      const auto assignment = assign_by_cost(costs, parts);
      expect_each_once(assignment, 128);
      EXPECT_LT(imbalance(costs, assignment), 1.1) << "seed " << seed << ", parts " << parts;
    }
}

TEST(Assignment, WithoutCostsIsEvenInNumber) {
  const std::vector<double> costs(10, 0.0);
  for (const auto& part : assign_by_cost(costs, 3)) EXPECT_GE(part.size(), 3u);
}

TEST(Assignment, LeavesPartsEmptyWhereThereAreFewSamples) {
  const std::vector<double> costs{5, 1};
  EXPECT_THAT(assign_by_cost(costs, 4),
              ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(), ElementsAre()));
}

TEST(Assignment, OfVirtualShardsGivesEachPositionToOneRank) {
  const auto shards = assign_by_cost(made_costs(37, 2), 8);
  for (std::int64_t size = 1; size <= 9; ++size) {
    std::vector<std::int64_t> in_order;
    for (std::int64_t rank = 0; rank < size; ++rank) {
      const auto mine = positions_of_rank(shards, rank, size);
      in_order.insert(in_order.end(), mine.begin(), mine.end());
    }
    // Ranks one behind the other give the virtual shards one behind the other, whatever their number.
    EXPECT_EQ(in_order, positions_of_rank(shards, 0, 1));
  }
}

}  // namespace
}  // namespace tessera::data
