// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fixture.hpp"
#include "search/normal.hpp"
#include "search/parzen_estimator.hpp"
#include "search/sampler.hpp"
#include "search/tpe_densities.hpp"

namespace tessera::search {
namespace {

std::vector<std::int64_t> numbers(const std::vector<const Trial*>& trials) {
  std::vector<std::int64_t> numbers;
  for (const Trial* trial : trials) numbers.push_back(trial->number);
  return numbers;
}

TEST(Tpe, SplitAndLogRatioAreOptunas) {
  const auto cases = test::fixture("tpe");
  if (cases.is_null()) GTEST_SKIP() << "TESSERA_SOURCE is not set: run through ctest";
  int compared = 0;
  for (const auto& written : cases) {
    const Study study = test::study_of(written);
    for (const auto& expected : written.at("cases")) {
      std::vector<Parameter> parameters;
      for (const std::string key : expected.at("parameters"))
        parameters.push_back({key, test::distribution_of(written.at("space").at(key)), std::nullopt});
      const Space space(parameters);
      std::vector<std::size_t> all(parameters.size());
      std::iota(all.begin(), all.end(), std::size_t{0});

      const TrialSplit split = split_trials(study, -1, true);
      EXPECT_EQ(numbers(split.good), expected.at("good").get<std::vector<std::int64_t>>());
      EXPECT_EQ(numbers(split.others), expected.at("others").get<std::vector<std::int64_t>>());

      const TpeDensities densities(space, all, ObservedSettings(space, split.good),
                                   ObservedSettings(space, split.others));
      const auto points = expected.at("points").get<std::vector<std::vector<double>>>();
      const auto ratio = densities.log_ratio(points);
      for (std::size_t p = 0; p < points.size(); ++p, ++compared)
        EXPECT_NEAR(ratio[p], expected.at("log_ratio").at(p).get<double>(), 1e-9)
            << expected.at("parameters") << " at " << ::testing::PrintToString(points[p]);
    }
  }
  EXPECT_GE(compared, 200);
}

TEST(Normal, LogarithmsOfMassesAreThoseOfTheIntegral) {
  // log Φ by Simpson's rule over the scaled tail: Φ(x) = φ(x) ∫ exp(x t - t²/2) dt, t > 0, x < 0.
  for (const double x : {-1.0, -6.5, -19.9, -20.1, -35.0, -60.0}) {
    const int intervals = 20000;
    const double end = 40 / -x, h = end / intervals;
    double integral = 0;
    for (int i = 0; i <= intervals; ++i) {
      const double t = h * i;
      integral += std::exp(x * t - t * t / 2) * (i == 0 || i == intervals ? 1 : i % 2 ? 4 : 2) * h / 3;
    }
    const double expected = -x * x / 2 - 0.5 * std::log(2 * M_PI) + std::log(integral);
    EXPECT_NEAR(log_normal_cdf(x), expected, 1e-9 * std::abs(expected)) << x;
    // Both tails alike, and all but a tail.
    EXPECT_NEAR(log_normal_mass(-x, -x + 50), expected, 1e-9 * std::abs(expected));
    EXPECT_NEAR(log_normal_mass(x - 50, x), expected, 1e-9 * std::abs(expected));
    EXPECT_NEAR(log_normal_mass(x, 50), std::log1p(-std::exp(expected)), 1e-9);
  }
}

// The rule as Optuna writes it, with a sort.
std::vector<double> sorted_widths(const std::vector<double>& centers, double low, double high) {
  std::vector<std::size_t> order(centers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return centers[i]; });
  const double range = high - low, least = range / std::min(100.0, static_cast<double>(centers.size()) + 2);
  std::vector<double> widths(centers.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool alone = order.size() == 1;
    const double left = i > 0   ? centers[order[i]] - centers[order[i - 1]]
                        : alone ? centers[order[i]] - low
                                : 0;
    const double right = i + 1 < order.size() ? centers[order[i + 1]] - centers[order[i]]
                         : alone              ? high - centers[order[i]]
                                              : 0;
    widths[order[i]] = std::clamp(std::max(left, right), least, range);
  }
  return widths;
}

TEST(KernelWidths, AreThoseOfTheSortedCenters) {
  core::RandomStream stream(1, "widths");
  for (int round = 0; round < 300; ++round) {
    const auto count = stream.below(round < 150 ? 8 : 400);
    std::vector<double> centers;
    for (std::uint64_t i = 0; i < count; ++i) {
      const double even = stream.uniform(-1, 4);
      centers.push_back(round % 3 == 0 ? std::round(even) : round % 3 == 1 ? std::pow(even, 3) / 16 : even);
    }
    const auto widths = kernel_widths(centers, -1, 4), expected = sorted_widths(centers, -1, 4);
    for (std::size_t i = 0; i < count; ++i) ASSERT_DOUBLE_EQ(widths[i], expected[i]) << round << ", " << i;
  }
}

const std::vector<Distribution> kKinds{
    FloatDistribution{0, 2, false, {}},   FloatDistribution{0.01, 1, true, {}},
    FloatDistribution{0, 1, false, 0.25}, IntDistribution{1, 9, 2, false},
    IntDistribution{1, 20, 1, true},      CategoricalDistribution{{true, false}}};
const std::vector<double> kObserved[] = {{0.1, 1.9, 0.3}, {0.02, 0.5, 0.9}, {0, 0.25, 1},
                                         {9, 3, 3},       {1, 7, 20},       {1, 1, 0}};

// Over a grid of points; a continuous density by the trapezoidal rule, in log space where log.
TEST(ParzenEstimator, SumsToOneAndDrawsWhatItSays) {
  for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
    const ParzenEstimator estimator({kKinds[kind]}, {kObserved[kind]});
    const auto count = num_values(kKinds[kind]);
    std::vector<std::vector<double>> points;
    std::vector<double> lengths;
    if (count) {
      for (std::int64_t i = 0; i < *count; ++i) points.push_back({value_of_index(kKinds[kind], i)});
      lengths.assign(points.size(), 1);
    } else {
      const auto& real = std::get<FloatDistribution>(kKinds[kind]);
      const double low = real.log ? std::log(real.low) : real.low,
                   high = real.log ? std::log(real.high) : real.high;
      const int cells = 2000;
      for (int i = 0; i < cells; ++i) {
        const double x = low + (high - low) * (i + 0.5) / cells;
        points.push_back({real.log ? std::exp(x) : x});
        lengths.push_back((high - low) / cells);
      }
    }
    const auto log_density = estimator.log_density(points);
    double sum = 0, mean = 0;
    for (std::size_t p = 0; p < points.size(); ++p) {
      sum += std::exp(log_density[p]) * lengths[p];
      mean += std::exp(log_density[p]) * lengths[p] * points[p][0];
    }
    EXPECT_NEAR(sum, 1, 1e-5) << kind;

    core::RandomStream stream(2, "draws");
    double drawn = 0, squares = 0;
    const int draws = 20000;
    for (int i = 0; i < draws; ++i) {
      const double value = estimator.draw(stream).at(0);
      ASSERT_TRUE(bounds_of(kKinds[kind]).contain(value));
      if (count) {
        ASSERT_TRUE(index_of_value(kKinds[kind], value)) << value;
      }
      drawn += value / draws;
      squares += value * value / draws;
    }
    EXPECT_NEAR(drawn, mean, 5 * std::sqrt((squares - drawn * drawn) / draws)) << kind;
  }
}

TEST(ParzenEstimator, WithoutObservationsIsThePrior) {
  const ParzenEstimator estimator({IntDistribution{1, 3}, CategoricalDistribution{{true, false}}}, {{}, {}});
  const auto density = estimator.log_density(std::vector<std::vector<double>>{{1, 0}, {2, 0}, {3, 1}});
  EXPECT_DOUBLE_EQ(density[0], density[2]);
  EXPECT_GT(density[1], density[0]);
  EXPECT_NEAR(2 * (std::exp(density[0]) + std::exp(density[1]) + std::exp(density[2])), 1, 1e-12);
}

}  // namespace
}  // namespace tessera::search
