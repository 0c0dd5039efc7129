// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/two_point_correlation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numbers>
#include <numeric>
#include <tuple>

#include "core/error.hpp"
#include "microstructure/maps.hpp"
#include "microstructure/statistics/pair_counter.hpp"
#include "microstructure/statistics/specific_interface.hpp"

namespace tessera::microstructure {
namespace {

using test::at;
using test::ball;
using test::map_of;
using test::random_map;

// Every pair of cells, one by one.
std::vector<double> counted(const PhaseMap& map, int a, int b, Border border) {
  const auto bins = static_cast<std::size_t>(map.reach() + 1);
  std::vector<double> sum(bins), number(bins);
  const GridSize& n = map.size;
  const auto range = [&](std::size_t axis) -> std::pair<std::int64_t, std::int64_t> {
    if (border == Border::Open) return {-(n[axis] - 1), n[axis] - 1};
    return {-((n[axis] - 1) / 2), n[axis] / 2};
  };
  const auto [z0, z1] = range(0);
  const auto [y0, y1] = range(1);
  const auto [x0, x1] = range(2);
  for (auto dz = z0; dz <= z1; ++dz)
    for (auto dy = y0; dy <= y1; ++dy)
      for (auto dx = x0; dx <= x1; ++dx) {
        const auto bin = static_cast<std::size_t>(std::lround(
            std::hypot(static_cast<double>(dz), static_cast<double>(dy), static_cast<double>(dx))));
        if (bin >= bins) continue;
        double pairs = 0, possible = 0;
        for (std::int64_t z = 0; z < n[0]; ++z)
          for (std::int64_t y = 0; y < n[1]; ++y)
            for (std::int64_t x = 0; x < n[2]; ++x) {
              GridSize to{z + dz, y + dy, x + dx};
              bool inside = true;
              for (std::size_t axis = 0; axis < 3; ++axis) {
                inside = inside && to[axis] >= 0 && to[axis] < n[axis];
                to[axis] = (to[axis] + n[axis]) % n[axis];
              }
              if (border == Border::Open && !inside) continue;
              ++possible;
              pairs += at(map, z, y, x) == a && at(map, to[0], to[1], to[2]) == b;
            }
        sum[bin] += pairs / possible;
        ++number[bin];
      }
  for (std::size_t bin = 0; bin < bins; ++bin) sum[bin] /= number[bin];
  return sum;
}

class TwoPoint : public testing::TestWithParam<std::tuple<GridSize, Border>> {};

TEST_P(TwoPoint, IsWhatCountingAllPairsGives) {
  const auto [size, border] = GetParam();
  const PhaseMap map = random_map(size);
  for (const auto& [a, b] : {std::pair{1, 1}, std::pair{0, 2}, std::pair{2, 0}}) {
    const auto found = two_point_correlation(map, a, b, border), expected = counted(map, a, b, border);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t r = 0; r < found.size(); ++r) EXPECT_NEAR(found[r], expected[r], 1e-14) << a << b << r;
  }
}

INSTANTIATE_TEST_SUITE_P(Maps, TwoPoint,
                         testing::Combine(testing::Values(GridSize{1, 12, 12}, GridSize{1, 9, 14},
                                                          GridSize{6, 6, 6}, GridSize{5, 8, 7}),
                                          testing::Values(Border::Periodic, Border::Open)));

TEST(TwoPointCorrelation, StartsAtTheFractionAndAllPhasesSumToOne) {
  const PhaseMap map = random_map({1, 64, 64});
  EXPECT_DOUBLE_EQ(two_point_correlation(map, 2, Border::Periodic)[0], phase_fraction(map, 2));
  std::vector<double> sum(33);
  for (int a = 0; a < 3; ++a)
    for (int b = 0; b < 3; ++b) {
      const auto part = two_point_correlation(map, a, b, Border::Periodic);
      for (std::size_t r = 0; r < sum.size(); ++r) sum[r] += part[r];
    }
  for (const double value : sum) EXPECT_NEAR(value, 1, 1e-13);
}

TEST(TwoPointCorrelation, OfALaminateIsATriangleWave) {
  const PhaseMap map = map_of({1, 16, 16}, [](auto, auto, std::int64_t x) { return x % 8 < 4; });
  const PairCounts counts = PairCounter(map.size, Border::Periodic, map.reach()).count(map, 1, 1);
  for (std::int64_t x = 0; x < 16; ++x) {
    const double apart = static_cast<double>(std::min(x % 8, 8 - x % 8));
    EXPECT_DOUBLE_EQ(counts.pairs[static_cast<std::size_t>(x)] / 256, 0.5 - apart / 8) << x;
  }
}

TEST(TwoPointCorrelation, KnowsTheDirectionFromOnePhaseToTheOther) {
  const PhaseMap map{.size = {1, 1, 5}, .labels = {1, 2, 0, 0, 0}};
  const PairCounts counts = PairCounter(map.size, Border::Periodic, 2).count(map, 1, 2);
  EXPECT_EQ(counts.pairs, (std::vector<double>{0, 1, 0, 0, 0}));
}

TEST(PairCounter, CountsManyMapsOfOneSizeAndPlansAsItIsTold) {
  PairCounter counter({1, 20, 15}, Border::Open, 7, Planning::Measured);
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const PhaseMap map = random_map({1, 20, 15}, seed);
    EXPECT_EQ(counter.correlation(map, 0, 1), two_point_correlation(map, 0, 1, Border::Open)) << seed;
    const auto counts = counter.count(map, 0, 1);
    EXPECT_EQ(radial_mean(counts, map.size, Border::Open, 7), counter.correlation(map, 0, 1)) << seed;
  }
}

// Over all vectors each cell of one phase meets each of the other once; in floats, and where these do not do.
TEST(PairCounter, CountsAreWholeHoweverManyCellsThereAre) {
  for (const GridSize& size : {GridSize{80, 81, 90}, GridSize{1, 2100, 2101}}) {
    const PhaseMap map = random_map(size);
    const auto cells = [&](int phase) { return static_cast<double>(std::ranges::count(map.labels, phase)); };
    PairCounter counter(size, Border::Periodic, map.reach());
    for (const auto& [a, b] : {std::pair{1, 1}, std::pair{0, 2}}) {
      const auto counts = counter.count(map, a, b);
      EXPECT_EQ(std::accumulate(counts.pairs.begin(), counts.pairs.end(), 0.0), cells(a) * cells(b));
      EXPECT_EQ(counts.pairs[0], a == b ? cells(a) : 0);
    }
  }
}

TEST(TwoPointCorrelation, RefusesAMapWithoutCells) {
  EXPECT_THROW(two_point_correlation(PhaseMap{}, 1, Border::Open), core::InputError);
}

TEST(SpecificInterface, OfADiscIsItsCircleAndOfABallItsSphere) {
  for (const double radius : {20.3, 35.7, 60.1}) {
    const double circle = 2 * std::numbers::pi * radius / (160.0 * 160);
    EXPECT_NEAR(specific_interface(ball({1, 160, 160}, radius), 1, Border::Periodic) / circle, 1, 0.02)
        << radius;
  }
  const double sphere = 4 * std::numbers::pi * 20.3 * 20.3 / (50.0 * 50 * 50);
  EXPECT_NEAR(specific_interface(ball({50, 50, 50}, 20.3), 1, Border::Open) / sphere, 50.0 / 49, 0.02);
}

TEST(SpecificInterface, IsTheSlopeOfS2AlongTheAxes) {
  const PhaseMap map = random_map({6, 7, 8});
  const PairCounts counts = PairCounter(map.size, Border::Periodic, map.reach()).count(map, 1, 1);
  const double cells = 6 * 7 * 8;
  const double slope =
      (3 * counts.pairs[0] - counts.pairs[1] - counts.pairs[8] - counts.pairs[56]) / 3 / cells;
  EXPECT_NEAR(specific_interface(map, 1, Border::Periodic), 4 * slope, 1e-14);
}

}  // namespace
}  // namespace tessera::microstructure
