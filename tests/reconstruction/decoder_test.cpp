// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/decoder.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "core/random.hpp"
#include "microstructure/maps.hpp"

namespace tessera::reconstruction {
namespace {

using ::testing::ElementsAre;

std::int64_t sum_of(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

double summed_shares(std::span<const double> shares, const std::vector<std::uint8_t>& labels) {
  double sum = 0;
  for (std::size_t cell = 0; cell < labels.size(); ++cell) sum += shares[labels[cell] * labels.size() + cell];
  return sum;
}

// The largest sum over every way to give `counts[p]` cells the phase p.
double best_of_all(std::span<const double> shares, const std::vector<std::int64_t>& counts) {
  std::vector<std::uint8_t> labels;
  for (std::size_t phase = 0; phase < counts.size(); ++phase)
    labels.insert(labels.end(), static_cast<std::size_t>(counts[phase]), static_cast<std::uint8_t>(phase));
  double best = 0;
  do best = std::max(best, summed_shares(shares, labels));
  while (std::ranges::next_permutation(labels).found);
  return best;
}

TEST(PhaseCounts, AreTheSamplesOwnAtItsSizeAndSumUpAtAnyOther) {
  const auto sample = test::random_map({1, 7, 9});
  std::vector<std::int64_t> own(3);
  for (const auto label : sample.labels) ++own[label];

  EXPECT_EQ(phase_counts(sample, 3, 63), own);
  for (const std::int64_t cells : {1, 10, 64, 1000}) EXPECT_EQ(sum_of(phase_counts(sample, 3, cells)), cells);
}

TEST(PhaseCounts, GiveWhatIsLeftToTheLargestRemainders) {
  const auto sample = test::map_of({1, 1, 10}, [](auto, auto, auto x) { return x < 5 ? 0 : x < 8 ? 1 : 2; });

  EXPECT_THAT(phase_counts(sample, 3, 4), ElementsAre(2, 1, 1));  // of 2.0, 1.2 and 0.8
}

TEST(Decode, FindsTheAssignmentOfLargestShares) {
  core::RandomStream random(5, "decode");
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<std::int64_t> counts(3);
    for (int cell = 0; cell < 7; ++cell) ++counts[random.below(3)];
    std::vector<double> shares(21);
    for (auto& share : shares) share = random.uniform();

    const auto labels = decode(shares, counts);

    for (std::size_t phase = 0; phase < 3; ++phase)
      EXPECT_EQ(std::ranges::count(labels, static_cast<std::uint8_t>(phase)), counts[phase]);
    EXPECT_NEAR(summed_shares(shares, labels), best_of_all(shares, counts), 1e-12) << "trial " << trial;
  }
}

TEST(Decode, OfTwoPhasesIsAThreshold) {
  const std::vector<double> second{0.1, 0.9, 0.4, 0.6, 0.5};
  std::vector<double> shares;
  for (const double share : second) shares.push_back(1 - share);
  shares.insert(shares.end(), second.begin(), second.end());

  EXPECT_THAT(decode(shares, std::vector<std::int64_t>{4, 1}), ElementsAre(0, 1, 0, 0, 0));
  EXPECT_THAT(decode(shares, std::vector<std::int64_t>{2, 3}), ElementsAre(0, 1, 0, 1, 1));
}

TEST(Decode, GivesEqualSharesToTheLowerCells) {
  const std::vector<double> even(8, 0.5);

  EXPECT_THAT(decode(even, std::vector<std::int64_t>{2, 2}), ElementsAre(1, 1, 0, 0));
}

}  // namespace
}  // namespace tessera::reconstruction
