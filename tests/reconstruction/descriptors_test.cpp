// SPDX-License-Identifier: Apache-2.0
// Each descriptor against the statistic it stands for, on whole cells, and its gradient against differences.
#include "reconstruction/descriptors.hpp"

#include <gmock/gmock.h>

#include "microstructure/maps.hpp"
#include "microstructure/statistics/run_lengths.hpp"
#include "models/check_gradient.hpp"
#include "reconstruction/correlation_window.hpp"
#include "reconstruction/objective.hpp"
#include "reconstruction/phase_shares.hpp"

namespace tessera::reconstruction {
namespace {

constexpr std::int64_t kReach = 3;

// (1, phases, rows, columns)
torch::Tensor plane_of(const test::PhaseMap& map, int phases) {
  return shares_of(map, phases).unsqueeze(0);
}

// Shares that sum to 1, of `planes` planes.
torch::Tensor random_shares(std::int64_t planes, std::int64_t phases, std::int64_t rows,
                            std::int64_t columns) {
  torch::manual_seed(11);
  return torch::rand({planes, phases, rows, columns}, torch::kFloat64).softmax(1);
}

std::shared_ptr<models::Encoder> filters_in_float64() {
  auto encoder = models::make_encoder({.name = "filters", .layers = {"scale1"}});
  encoder->to(torch::kFloat64);
  return encoder;
}

TEST(CorrelationWindow, IsTheMeanProductOfPlacesSoFarApart) {
  torch::manual_seed(1);
  const auto field = torch::rand({7, 9}, torch::kFloat64);
  const auto correlations = CorrelationWindow(kReach).correlations(field);
  std::size_t vector = 0;
  for (std::int64_t dy = 0; dy <= kReach; ++dy)
    for (std::int64_t dx = -kReach; dx <= kReach; ++dx) {
      if ((dy == 0 && dx < 0) || dy * dy + dx * dx > kReach * kReach) continue;
      const auto shifted = torch::roll(field, {-dy, -dx}, {0, 1});
      EXPECT_NEAR(correlations[static_cast<std::int64_t>(vector)].item<double>(),
                  (field * shifted).mean().item<double>(), 1e-12)
          << dy << ", " << dx;
      ++vector;
    }
  EXPECT_EQ(correlations.numel(), static_cast<std::int64_t>(vector));
}

TEST(Descriptors, TwoPointTellsOneOfTwoPhasesAndEachOfMore) {
  const auto two = make_two_point_descriptor(kReach)->describe(random_shares(2, 2, 8, 10));
  const auto three = make_two_point_descriptor(kReach)->describe(random_shares(2, 3, 8, 10));

  EXPECT_EQ(two.size(0), 2);
  EXPECT_EQ(three.size(1), 3 * two.size(1));
}

TEST(Descriptors, LinealPathOfWholeCellsIsTheLinealPath) {
  const auto map = test::random_map({1, 12, 12});
  const auto told = make_lineal_path_descriptor(kReach)->describe(plane_of(map, 3))[0].view({2, kReach, 3});
  for (int phase = 0; phase < 3; ++phase) {
    const auto exact = microstructure::lineal_path(map, phase, test::Border::Periodic);  // of both axes
    for (std::int64_t z = 1; z <= kReach; ++z)
      EXPECT_NEAR(told.index({torch::indexing::Slice(), z - 1, phase}).mean().item<double>(),
                  exact[static_cast<std::size_t>(z)], 1e-12)
          << "phase " << phase << ", " << z;
  }
}

TEST(Descriptors, ClusterCountsOnlyPairsWithinACluster) {
  // Two columns of the second phase, three cells apart: from one to the other no pair counts.
  const auto map = test::map_of({1, 8, 12}, [](auto, auto, auto x) { return x == 2 || x == 5; });
  const auto cluster = make_cluster_descriptor(kReach)->describe(plane_of(map, 2))[0];
  const auto two_point = make_two_point_descriptor(kReach)->describe(plane_of(map, 2))[0];
  // The vectors (0, 0), (0, 1), (0, 2), (0, 3) come first.
  EXPECT_NEAR(cluster[0].item<double>(), 2.0 / 12, 1e-12);
  EXPECT_NEAR(cluster[3].item<double>(), 0, 1e-12);
  EXPECT_NEAR(two_point[3].item<double>(), 1.0 / 12, 1e-12);
}

TEST(Descriptors, SharpnessIsOneOfWholeCellsAlone) {
  const auto map = test::random_map({1, 6, 6});

  EXPECT_NEAR(make_sharpness_descriptor()->describe(plane_of(map, 3)).item<double>(), 1, 1e-12);
  EXPECT_LT(make_sharpness_descriptor()->describe(random_shares(1, 3, 6, 6)).item<double>(), 0.6);
}

TEST(Descriptors, GramIsAsLargeOfSamplesOfAnySizeAndBlindToShifts) {
  const auto sample = shares_of(test::random_map({1, 16, 16}), 3);
  const auto descriptor = make_gram_descriptor(filters_in_float64(), sample);
  const auto told = descriptor->describe(sample.unsqueeze(0));
  const auto twice = descriptor->describe(sample.repeat({1, 1, 2}).unsqueeze(0));
  const auto shifted = descriptor->describe(torch::roll(sample, {3, 5}, {1, 2}).unsqueeze(0));

  EXPECT_NEAR(told.norm().item<double>(), 1, 1e-12);
  EXPECT_TRUE(torch::allclose(told, twice, 1e-9, 1e-12));
  EXPECT_TRUE(torch::allclose(told, shifted, 1e-9, 1e-12));
}

TEST(Descriptors, HaveTheGradientsOfTheirDifferences) {
  const auto shares = random_shares(2, 3, 6, 7);
  std::vector<std::unique_ptr<Descriptor>> all;
  all.push_back(make_two_point_descriptor(kReach));
  all.push_back(make_lineal_path_descriptor(kReach));
  all.push_back(make_sharpness_descriptor());
  all.push_back(make_cluster_descriptor(kReach));
  all.back()->hold(shares);
  all.push_back(make_gram_descriptor(filters_in_float64(), shares[0]));
  for (std::size_t i = 0; i < all.size(); ++i) {
    SCOPED_TRACE(i);
    test::expect_gradient_of_differences([&] { return all[i]->describe(shares); }, {shares});
  }
}

// A plane's objective, and a volume's, where every axis has planes of its own.
class Objectives : public testing::TestWithParam<std::vector<std::int64_t>> {};
TEST_P(Objectives, HaveTheGradientsOfTheirDifferences) {
  torch::manual_seed(2);
  const auto sample = shares_of(test::random_map({1, 8, 8}), 3);
  std::vector<Term> terms;
  terms.push_back({2.0, make_two_point_descriptor(2)});
  terms.push_back({0.5, make_lineal_path_descriptor(2)});
  Objective objective(std::move(terms), sample, GetParam());
  const auto start = 0.2 + 0.6 * torch::rand(GetParam(), torch::kFloat64);
  std::vector<double> point(start.data_ptr<double>(), start.data_ptr<double>() + start.numel()),
      gradient(point.size()), ignored(point.size());
  objective.evaluate(point, gradient);
  for (std::size_t i = 0; i < point.size(); i += 7) {
    constexpr double kStep = 1e-6;
    auto moved = point;
    moved[i] += kStep;
    const double above = objective.evaluate(moved, ignored);
    moved[i] -= 2 * kStep;
    const double below = objective.evaluate(moved, ignored);
    EXPECT_NEAR(gradient[i], (above - below) / (2 * kStep), 1e-7) << i;
  }
}
INSTANTIATE_TEST_SUITE_P(Plane, Objectives, testing::Values(std::vector<std::int64_t>{3, 6, 7}));
INSTANTIATE_TEST_SUITE_P(Volume, Objectives, testing::Values(std::vector<std::int64_t>{3, 10, 6, 7}));

TEST(Objectives, AreZeroForTheSampleItself) {
  const auto sample = shares_of(test::random_map({1, 8, 8}), 3);
  std::vector<Term> terms;
  terms.push_back({1.0, make_two_point_descriptor(2)});
  terms.push_back({1.0, make_cluster_descriptor(2)});
  Objective objective(std::move(terms), sample, {3, 8, 8});
  std::vector<double> point(sample.data_ptr<double>(), sample.data_ptr<double>() + sample.numel()),
      gradient(point.size());
  objective.hold(point);

  EXPECT_TRUE(objective.must_be_held());
  EXPECT_NEAR(objective.evaluate(point, gradient), 0, 1e-8);
}

TEST(PhaseShares, SumToOneAndKeepTheirSumWhenMadeCoarser) {
  const auto shares = shares_of(test::random_map({1, 8, 6}), 3);

  EXPECT_TRUE(torch::allclose(shares.sum(0), torch::ones({8, 6}, torch::kFloat64)));
  EXPECT_TRUE(torch::allclose(coarser(shares).sum(0), torch::ones({4, 3}, torch::kFloat64)));
  EXPECT_NEAR(coarser(shares)[1].mean().item<double>(), shares[1].mean().item<double>(), 1e-12);
}

TEST(PhaseShares, HaveAColourEach) {
  const auto shares = shares_of(test::random_map({1, 4, 4}), 3).unsqueeze(0);
  const auto colours = in_colours(shares);
  for (int phase = 0; phase < 3; ++phase) EXPECT_TRUE(torch::equal(colours[0][phase], shares[0][phase]));
  const auto two = shares_of(test::map_of({1, 2, 2}, [](auto, auto y, auto) { return y; }), 2).unsqueeze(0);
  EXPECT_TRUE(torch::equal(in_colours(two)[0][0], two[0][1]));  // black and white
}

}  // namespace
}  // namespace tessera::reconstruction
