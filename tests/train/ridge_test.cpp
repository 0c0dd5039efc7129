// SPDX-License-Identifier: Apache-2.0
#include "train/ridge.hpp"

#include <fmt/core.h>
#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/random.hpp"
#include "support/expect_error.hpp"

namespace tessera::train {
namespace {

using test::message_of;
using ::testing::HasSubstr;

struct Problem {
  FeatureTable features;
  std::vector<std::int64_t> records;
  std::vector<double> targets;
  std::vector<std::string> groups;
};

// Records in groups of three whose target is a linear function of some features, and noise.
Problem linear_problem(std::int64_t count, std::int64_t columns, double noise, std::uint64_t seed = 1) {
  core::RandomStream random(seed, "linear problem");
  Problem made;
  for (std::int64_t i = 0; i < columns; ++i) made.features.names.push_back(fmt::format("x{}", i));
  for (std::int64_t record = 0; record < count; ++record) {
    double target = 5;
    for (std::int64_t i = 0; i < columns; ++i) {
      const double value = random.normal();
      made.features.values.push_back(value);
      if (i < 4) target += (1.0 + static_cast<double>(i)) * value;
    }
    made.records.push_back(record);
    made.targets.push_back(target + noise * random.normal());
    made.groups.push_back(fmt::format("g{}", record / 3));
  }
  return made;
}

Ridge fit(const Problem& problem, const RidgeOptions& options = {}) {
  return fit_ridge(problem.features, problem.records, problem.targets, problem.groups, options);
}

// Solves a x = b by elimination with pivots; a is (n, n), row by row.
std::vector<double> solved(std::vector<double> a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < n; ++i)
      if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k])) pivot = i;
    for (std::size_t j = 0; j < n; ++j) std::swap(a[k * n + j], a[pivot * n + j]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = a[i * n + k] / a[k * n + k];
      for (std::size_t j = k; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k * n + j] * b[j];
    b[k] /= a[k * n + k];
  }
  return b;
}

// The normal equations (XᵀX + λ) w = Xᵀy with X standardised and y centred on `records`, written out; the
// prediction for `wanted`. `scale_by`: the records that mean and deviation of the features are of.
double by_normal_equations(const Problem& problem, const std::vector<std::int64_t>& records, double penalty,
                           std::int64_t wanted, const std::vector<std::int64_t>& scale_by) {
  const std::size_t p = problem.features.names.size();
  std::vector<double> mean(p), deviation(p);
  for (const auto record : scale_by)
    for (std::size_t i = 0; i < p; ++i)
      mean[i] += problem.features.row(record)[i] / static_cast<double>(scale_by.size());
  for (const auto record : scale_by)
    for (std::size_t i = 0; i < p; ++i)
      deviation[i] +=
          std::pow(problem.features.row(record)[i] - mean[i], 2) / static_cast<double>(scale_by.size());
  const auto scaled = [&](std::int64_t record, std::size_t i) {
    return (problem.features.row(record)[i] - mean[i]) / std::sqrt(deviation[i]);
  };
  // With a column of ones that is not penalised, so that nothing need be centred.
  std::vector<double> a((p + 1) * (p + 1)), b(p + 1);
  const auto column = [&](std::int64_t record, std::size_t i) { return i < p ? scaled(record, i) : 1.0; };
  for (const auto record : records)
    for (std::size_t i = 0; i <= p; ++i) {
      for (std::size_t j = 0; j <= p; ++j) a[i * (p + 1) + j] += column(record, i) * column(record, j);
      b[i] += column(record, i) * problem.targets[static_cast<std::size_t>(record)];
    }
  for (std::size_t i = 0; i < p; ++i) a[i * (p + 1) + i] += penalty * static_cast<double>(p);
  const auto weight = solved(a, b);
  double value = 0;
  for (std::size_t i = 0; i <= p; ++i) value += weight[i] * column(wanted, i);
  return value;
}

TEST(Ridge, OfOneFeatureIsTheFormulaOfTheBook) {
  // x standardised is (−1, 0, 1) · √(3/2); y − ȳ = (−2, 0, 2). w = xᵀy / (xᵀx + λ) = 4 √1.5 / (3 + λ).
  const FeatureTable features{{"x"}, {10, 20, 30}};
  const std::vector<std::int64_t> records{0, 1, 2};
  const std::vector<double> targets{1, 3, 5};
  const std::vector<std::string> groups{"a", "b", "c"};
  for (const double penalty : {1e-9, 0.5, 3.0}) {
    const auto ridge = fit_ridge(features, records, targets, groups, {.penalties = {penalty}});
    const double slope = 4 * std::sqrt(1.5) / (3 + penalty) / std::sqrt(200.0 / 3);
    EXPECT_NEAR(ridge.weight[0], slope, 1e-14);
    EXPECT_NEAR(ridge.predict(std::vector<double>{40.0}), 3 + 20 * slope, 1e-12);
  }
}

TEST(Ridge, WithMoreRecordsOrMoreFeaturesIsTheNormalEquations) {
  for (const auto& [count, columns] : {std::pair{24, 5}, std::pair{9, 20}, std::pair{12, 12}}) {
    const auto problem = linear_problem(count, columns, 0.5);
    for (const double penalty : {1e-3, 0.1, 10.0}) {
      const auto ridge = fit(problem, {.penalties = {penalty}});
      for (const std::int64_t record : {0, 4, 8})
        EXPECT_NEAR(ridge.predict(problem.features.row(record)),
                    by_normal_equations(problem, problem.records, penalty, record, problem.records), 1e-9)
            << count << " records, " << columns << " features, penalty " << penalty;
    }
  }
}

// The choice by the closed form against fitting again without each group.
TEST(Ridge, PenaltyIsTheOneThatPredictsGroupsLeftOutBest) {
  for (const auto& [count, columns] : {std::pair{24, 5}, std::pair{15, 30}}) {
    const auto problem = linear_problem(count, columns, 2.0);
    const std::vector<double> penalties{1e-4, 1e-3, 1e-2, 1e-1, 1, 10};
    double least = std::numeric_limits<double>::infinity(), best = 0;
    for (const double penalty : penalties) {
      double error = 0;
      for (const auto record : problem.records) {
        std::vector<std::int64_t> others;
        for (const auto other : problem.records)
          if (problem.groups[static_cast<std::size_t>(other)] !=
              problem.groups[static_cast<std::size_t>(record)])
            others.push_back(other);
        error += std::pow(by_normal_equations(problem, others, penalty, record, problem.records) -
                              problem.targets[static_cast<std::size_t>(record)],
                          2);
      }
      if (error < least) {
        least = error;
        best = penalty;
      }
    }
    EXPECT_EQ(fit(problem, {.penalties = penalties}).penalty, best) << columns;
  }
}

TEST(Ridge, PenaltyGrowsWithTheNoise) {
  double before = -std::numeric_limits<double>::infinity();
  for (const double noise : {0.0, 1.0, 5.0, 50.0}) {
    double sum = 0;  // of logarithms, over several problems
    for (std::uint64_t seed = 1; seed <= 8; ++seed)
      sum += std::log10(fit(linear_problem(30, 10, noise, seed)).penalty);
    EXPECT_GT(sum / 8, before) << noise;
    before = sum / 8;
  }
}

TEST(Ridge, WithoutNoiseFindsTheWeights) {
  const auto ridge = fit(linear_problem(60, 6, 0));
  for (int i = 0; i < 6; ++i)
    EXPECT_NEAR(ridge.weight[static_cast<std::size_t>(i)], i < 4 ? 1.0 + i : 0.0, 1e-4);
}

TEST(Ridge, DoesNotFollowTheScaleOrOriginOfAFeature) {
  const auto problem = linear_problem(20, 6, 1);
  auto other = problem;
  for (std::size_t i = 0; i < other.features.values.size(); ++i)
    if (i % 6 == 2) other.features.values[i] = 1e6 * other.features.values[i] + 1e4;
  const auto a = fit(problem), b = fit(other);
  EXPECT_EQ(a.penalty, b.penalty);
  for (const std::int64_t record : {0, 7, 19})
    EXPECT_NEAR(a.predict(problem.features.row(record)), b.predict(other.features.row(record)), 1e-7);
}

TEST(Ridge, LeavesConstantFeaturesOutAndWithNoneOtherPredictsTheMean) {
  auto problem = linear_problem(12, 3, 1);
  for (std::size_t i = 1; i < problem.features.values.size(); i += 3) problem.features.values[i] = 0.1;
  const auto ridge = fit(problem);
  EXPECT_EQ(ridge.features, 2);
  EXPECT_EQ(ridge.weight[1], 0);
  EXPECT_EQ(ridge.predict(std::vector<double>{0, 1e9, 0}), ridge.predict(std::vector<double>{0, 0.1, 0}));

  for (auto& value : problem.features.values) value = 7;
  const auto constant = fit(problem);
  double mean = 0;
  for (const double target : problem.targets) mean += target / 12;
  EXPECT_NEAR(constant.predict(std::vector<double>{1, 2, 3}), mean, 1e-12);
}

TEST(Ridge, OfOneGroupChoosesByGeneralisedCrossValidation) {
  auto quiet = linear_problem(30, 6, 0.01), loud = linear_problem(30, 6, 100);
  for (auto* problem : {&quiet, &loud})
    for (auto& group : problem->groups) group = "the only one";
  EXPECT_LT(fit(quiet).penalty, 1e-3);
  EXPECT_GT(fit(loud).penalty, 1e-2);
}

TEST(Ridge, KnowsNothingOfRecordsItIsNotGiven) {
  auto problem = linear_problem(30, 6, 1);
  std::vector<std::int64_t> records(problem.records.begin(), problem.records.begin() + 20);
  const std::vector<double> targets(problem.targets.begin(), problem.targets.begin() + 20);
  const std::vector<std::string> groups(problem.groups.begin(), problem.groups.begin() + 20);
  const auto before = fit_ridge(problem.features, records, targets, groups);
  for (std::size_t i = 20 * 6; i < problem.features.values.size(); ++i) problem.features.values[i] = 1e9;
  const auto after = fit_ridge(problem.features, records, targets, groups);
  EXPECT_EQ(before.weight, after.weight);
  EXPECT_EQ(before.penalty, after.penalty);
}

TEST(Ridge, RefusesWhatIsNotFiniteByItsName) {
  auto problem = linear_problem(9, 3, 1);
  problem.features.values[4 * 3 + 2] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(message_of<core::DataError>([&] { fit(problem); }), HasSubstr("x2 of record 4"));
  EXPECT_THAT(message_of<core::InputError>([&] { fit_ridge(problem.features, {}, {}, {}); }),
              HasSubstr("needs records"));
}

}  // namespace
}  // namespace tessera::train
