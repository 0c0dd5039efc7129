// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/likeness.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "microstructure/maps.hpp"
#include "reconstruction/annealing.hpp"

namespace tessera::reconstruction {
namespace {

using test::Border;
using test::PhaseMap;

// Discs of 5 px on a crooked lattice: correlated, and not symmetric.
PhaseMap discs(std::int64_t edge) {
  return test::map_of({1, edge, edge}, [&](auto, std::int64_t y, std::int64_t x) {
    for (const auto& [cy, cx] : {std::pair{5.0, 7.0}, {17.0, 21.0}, {25.0, 6.0}, {9.0, 27.0}})
      if (std::hypot(static_cast<double>(y) - cy, static_cast<double>(x) - cx) < 5) return 1;
    return 0;
  });
}

PhaseMap shuffled(PhaseMap map) {
  core::RandomStream(3, "shuffle").shuffle(std::span(map.labels));
  return map;
}

PhaseMap moved(const PhaseMap& map, std::int64_t down, std::int64_t right, bool turned) {
  const auto rows = map.size[1], columns = map.size[2];
  return test::map_of(map.size, [&](auto, std::int64_t y, std::int64_t x) {
    const auto from_y = (turned ? rows - 1 - y : y) + down, from_x = (turned ? columns - 1 - x : x) + right;
    return test::at(map, 0, from_y % rows, from_x % columns);
  });
}

TEST(Likeness, OfTheSampleItselfIsWithoutError) {
  const auto statistics = statistics_of(discs(32), 2, Border::Periodic);
  const auto errors = errors_of(statistics, statistics);

  EXPECT_EQ(statistics.phases.size(), 1u);
  EXPECT_EQ(statistics.phases.front().phase, 1);
  EXPECT_EQ(errors.fraction + errors.two_point + errors.autocovariance + errors.lineal_path + errors.cluster,
            0);
}

TEST(Likeness, OfAShuffleIsToldByTheAutocovariance) {
  const auto target = statistics_of(discs(32), 2, Border::Periodic);
  const auto errors = errors_of(statistics_of(shuffled(discs(32)), 2, Border::Periodic), target);

  EXPECT_EQ(errors.fraction, 0);
  EXPECT_GT(errors.autocovariance, 0.5);
  EXPECT_LT(errors.two_point, errors.autocovariance);
}

TEST(Likeness, IsTheSumOfDistancesOverTheSumOfTheTarget) {
  const Statistics target{{{.phase = 1,
                            .fraction = 0.5,
                            .two_point = {0.5, 0.3, 0.25},
                            .lineal_path = {0.5, 0.2},
                            .cluster = {0.5}}}};
  const Statistics got{{{.phase = 1,
                         .fraction = 0.4,
                         .two_point = {0.4, 0.3, 0.15},
                         .lineal_path = {0.4, 0.2, 9},
                         .cluster = {0.4}}}};
  const auto errors = errors_of(got, target);

  EXPECT_NEAR(errors.fraction, 0.1, 1e-12);
  EXPECT_NEAR(errors.two_point, 0.2 / 1.05, 1e-12);
  // 0.25, 0.05, 0 beside 0.24, 0.14, −0.01
  EXPECT_NEAR(errors.autocovariance, (0.01 + 0.09 + 0.01) / 0.3, 1e-12);
  EXPECT_NEAR(errors.lineal_path, 0.1 / 0.7, 1e-12);
}

TEST(Likeness, KnowsACopyThatWasShiftedOrTurned) {
  const auto sample = discs(32);
  EXPECT_NEAR(highest_overlap(moved(sample, 3, 11, false), sample), 1, 1e-9);
  EXPECT_NEAR(highest_overlap(moved(sample, 3, 11, true), sample), 1, 1e-9);
  EXPECT_LT(highest_overlap(shuffled(sample), sample), 0.4);
  EXPECT_TRUE(std::isnan(highest_overlap(discs(30), sample)));
}

TEST(Likeness, TheNoiseFloorOfAnEvenMaterialIsLowerThanOfAPatchyOne) {
  const auto even = test::map_of({1, 32, 32}, [](auto, auto y, auto x) { return (x / 2 + y / 2) % 2; });
  const auto floor = noise_floor(even, 2);
  EXPECT_NEAR(floor.errors.fraction, 0, 1e-12);
  EXPECT_LT(floor.errors.two_point, 0.15);
  EXPECT_GT(noise_floor(discs(32), 2).errors.two_point, 0.15);
  EXPECT_EQ(floor.deviation.phases.front().two_point.size(), 9u);  // 0 to a quarter of the edge
}

TEST(Annealing, ComesNearTheSamplesCorrelationWithItsVeryFraction) {
  const auto sample = discs(32);
  const AnnealingOptions options{.size = {1, 32, 32}, .swaps_per_cell = 60, .seed = 4};
  const auto target = statistics_of(sample, 2, Border::Periodic);

  const auto map = anneal(sample, 2, options, 0).value();
  const auto errors = errors_of(statistics_of(map, 2, Border::Periodic), target);
  EXPECT_EQ(errors.fraction, 0);
  EXPECT_LT(errors.two_point, 0.02);
  EXPECT_LT(errors.autocovariance, 0.05);
  EXPECT_EQ(anneal(sample, 2, options, 0)->labels, map.labels);
  EXPECT_NE(anneal(sample, 2, options, 1)->labels, map.labels);
  int asked = 0;
  EXPECT_FALSE(anneal(sample, 2, options, 0, [&] { return ++asked < 3; }));
}

TEST(Annealing, TakesThreePhasesAndOne) {
  const auto sample = test::random_map({1, 16, 16});
  const auto map = anneal(sample, 3, {.size = {1, 16, 16}, .swaps_per_cell = 5}, 0).value();
  for (int phase = 0; phase < 3; ++phase)
    EXPECT_EQ(microstructure::phase_fraction(map, phase), microstructure::phase_fraction(sample, phase));
  const auto even = test::map_of({1, 16, 16}, [](auto, auto, auto) { return 0; });
  EXPECT_EQ(anneal(even, 2, {.size = {1, 16, 16}}, 0)->labels, even.labels);
}

}  // namespace
}  // namespace tessera::reconstruction
