// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/reconstruct.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "core/error.hpp"
#include "microstructure/maps.hpp"
#include "reconstruction/likeness.hpp"
#include "support/expect_error.hpp"

namespace tessera::reconstruction {
namespace {

using test::PhaseMap;
using ::testing::HasSubstr;

// Stripes three in eight wide, bent.
PhaseMap stripes(std::int64_t edge = 32) {
  return test::map_of({1, edge, edge}, [&](auto, std::int64_t y, std::int64_t x) {
    const double wave = 2 * std::sin(2 * 3.14159265 * static_cast<double>(y) / static_cast<double>(edge));
    const auto place = (x + static_cast<std::int64_t>(std::lround(wave)) + edge) % 8;
    return place < 3;
  });
}

std::vector<std::int64_t> counts_of(const PhaseMap& map, int phases) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(phases));
  for (const auto label : map.labels) ++counts[label];
  return counts;
}

ReconstructionOptions correlations(std::int64_t iterations) {
  return {.size = {1, 32, 32},
          .weights = {.gram = 0, .two_point = 1, .lineal_path = 1, .sharpness = 0.1, .reach = 8},
          .iterations = iterations,
          .levels = 2,
          .seed = 1};
}

TEST(Reconstruct, HasTheSamplesCorrelationsAndExactFractions) {
  const auto sample = stripes();
  const auto result = reconstruct(sample, 2, nullptr, correlations(80), 0);

  ASSERT_TRUE(result.finished);
  EXPECT_EQ(counts_of(result.map, 2), counts_of(sample, 2));
  const auto errors = errors_of(statistics_of(result.map, 2, test::Border::Periodic),
                                statistics_of(sample, 2, test::Border::Periodic));
  EXPECT_LT(errors.two_point, 0.1);
  EXPECT_LT(errors.autocovariance, 0.3);
  EXPECT_GE(result.evaluations, result.iterations);
}

TEST(Reconstruct, ByAnUntrainedEncoderComesNearerThanAShuffle) {
  const auto sample = stripes();
  const auto encoder = models::make_encoder({.name = "filters"});
  ReconstructionOptions options;
  options.size = {1, 32, 32};
  options.iterations = 40;
  options.levels = 2;
  const auto result = reconstruct(sample, 2, encoder, options, 0);

  EXPECT_EQ(counts_of(result.map, 2), counts_of(sample, 2));
  const auto errors = errors_of(statistics_of(result.map, 2, test::Border::Periodic),
                                statistics_of(sample, 2, test::Border::Periodic));
  EXPECT_LT(errors.autocovariance, 0.35);
}

TEST(Reconstruct, GivesTheSameForTheSameSeedAndAnotherForAnotherIndex) {
  const auto sample = stripes();
  const auto first = reconstruct(sample, 2, nullptr, correlations(10), 0);

  EXPECT_EQ(reconstruct(sample, 2, nullptr, correlations(10), 0).map.labels, first.map.labels);
  EXPECT_NE(reconstruct(sample, 2, nullptr, correlations(10), 1).map.labels, first.map.labels);
}

// Stopped after any iteration, on either level, also where clusters are held: it goes on to the same cells.
TEST(Reconstruct, StoppedAndGoneOnIsAsIfItHadNeverStopped) {
  const auto sample = stripes();
  auto options = correlations(32);
  options.weights.cluster = 0.5;
  const auto whole = reconstruct(sample, 2, nullptr, options, 0);
  for (const std::int64_t stop : {3, 29, 34, 62}) {
    std::int64_t done = 0;
    Progress kept;
    const auto stopped = reconstruct(sample, 2, nullptr, options, 0, {}, [&](const Progress& progress) {
      kept = progress;
      return ++done < stop;
    });
    ASSERT_FALSE(stopped.finished);
    const auto resumed = reconstruct(sample, 2, nullptr, options, 0, kept);
    EXPECT_EQ(resumed.map.labels, whole.map.labels) << stop;
    EXPECT_EQ(resumed.value, whole.value) << stop;
    EXPECT_EQ(resumed.iterations, whole.iterations) << stop;
    EXPECT_EQ(resumed.evaluations, whole.evaluations) << stop;
  }
}

TEST(Reconstruct, MakesVolumesOutOfAPlane) {
  const auto sample = stripes();
  auto options = correlations(15);
  options.size = {16, 20, 24};
  options.levels = 1;
  options.weights.reach = 6;
  const auto result = reconstruct(sample, 2, nullptr, options, 0);

  EXPECT_EQ(result.map.dimensions(), 3);
  const auto counts = counts_of(result.map, 2);
  EXPECT_EQ(counts[0] + counts[1], 16 * 20 * 24);
  EXPECT_EQ(counts[1], 16 * 20 * 24 * 3 / 8);
  // Cells side by side along x and y are alike as in the sample, of which a shuffle has nothing left.
  const auto alike = [](const PhaseMap& map) {
    std::int64_t same = 0;
    for (std::int64_t z = 0; z < map.size[0]; ++z)
      for (std::int64_t y = 0; y < map.size[1]; ++y)
        for (std::int64_t x = 0; x < map.size[2]; ++x)
          same += test::at(map, z, y, x) == test::at(map, z, y, (x + 1) % map.size[2]);
    return static_cast<double>(same) / static_cast<double>(map.num_cells());
  };
  EXPECT_GT(alike(result.map), 0.6);  // the sample 0.75, a shuffle 0.53
}

TEST(Reconstruct, TakesThreePhases) {
  const auto sample = test::map_of({1, 32, 32}, [](auto, auto y, auto x) { return (x / 5 + y / 7) % 3; });
  const auto result = reconstruct(sample, 3, nullptr, correlations(20), 0);

  EXPECT_EQ(counts_of(result.map, 3), counts_of(sample, 3));
  const auto errors = errors_of(statistics_of(result.map, 3, test::Border::Periodic),
                                statistics_of(sample, 3, test::Border::Periodic));
  EXPECT_LT(errors.autocovariance, 0.5);  // a shuffle: 0.9
}

TEST(Reconstruct, RefusesWhatDoesNotFit) {
  const auto refusal = [](const ReconstructionOptions& options, const PhaseMap& sample) {
    return test::message_of<core::InputError>([&] { check(options, sample); });
  };
  auto options = correlations(1);
  EXPECT_EQ(most_levels(stripes(), options.size), 2);
  options.levels = 3;
  EXPECT_THAT(refusal(options, stripes()), HasSubstr("reconstruct.levels must be at most 2"));
  options.levels = 1;
  options.weights.reach = 20;
  EXPECT_THAT(refusal(options, stripes()), HasSubstr("descriptors.reach"));
  EXPECT_THAT(refusal(correlations(1), stripes(8)), HasSubstr("at least 16 px"));
  EXPECT_THAT(refusal(correlations(1), test::random_map({4, 32, 32})), HasSubstr("one plane"));
}

}  // namespace
}  // namespace tessera::reconstruction
