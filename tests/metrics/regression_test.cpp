// SPDX-License-Identifier: Apache-2.0
#include "metrics/regression.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace tessera::metrics {
namespace {

TEST(RegressionMetrics, AgreesWithValuesWorkedOutByHand) {
  const std::vector<double> target{3, -0.5, 2, 7};
  const std::vector<double> prediction{2.5, 0.0, 2, 8};

  const auto metrics = regression_metrics(target, prediction);

  // scikit-learn's documentation has the same four pairs.
  EXPECT_EQ(metrics.records, 4);
  EXPECT_DOUBLE_EQ(metrics.mae, 0.5);
  EXPECT_DOUBLE_EQ(metrics.rmse, std::sqrt(0.375));
  EXPECT_NEAR(metrics.r2, 0.9486081370449679, 1e-15);
  EXPECT_DOUBLE_EQ(metrics.maxe, 1.0);
}

TEST(RegressionMetrics, R2IsOneForPerfectAndZeroForTheMean) {
  const std::vector<double> target{1, 2, 3, 6};

  EXPECT_DOUBLE_EQ(regression_metrics(target, target).r2, 1.0);
  EXPECT_NEAR(regression_metrics(target, std::vector<double>(4, 3.0)).r2, 0.0, 1e-15);
}

TEST(RegressionMetrics, R2SurvivesALargeCommonOffset) {
  // Sums of squares would lose every digit of a scatter of 1 beside 1e9 squared.
  std::vector<double> target, prediction;
  for (int i = 0; i < 1000; ++i) {
    target.push_back(1e9 + i % 7);
    prediction.push_back(1e9 + i % 7 + (i % 2 ? 0.5 : -0.5));
  }
  std::vector<double> small_target, small_prediction;
  for (std::size_t i = 0; i < target.size(); ++i) {
    small_target.push_back(target[i] - 1e9);
    small_prediction.push_back(prediction[i] - 1e9);
  }

  EXPECT_NEAR(regression_metrics(target, prediction).r2,
              regression_metrics(small_target, small_prediction).r2, 1e-9);
}

TEST(RegressionMetrics, ANaNPredictionIsNeverHidden) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto metrics = regression_metrics(std::vector<double>{1, 2, 3}, std::vector<double>{1, nan, 3});

  EXPECT_TRUE(std::isnan(metrics.mae));
  EXPECT_TRUE(std::isnan(metrics.rmse));
  EXPECT_TRUE(std::isnan(metrics.r2));
  EXPECT_TRUE(std::isnan(metrics.maxe));
}

TEST(RegressionMetrics, HasNothingToTellOfNoRecordsOrOfEqualTargets) {
  EXPECT_TRUE(std::isnan(regression_metrics({}, {}).mae));

  const auto equal = regression_metrics(std::vector<double>{0.1, 0.1, 0.1}, std::vector<double>{1, 1, 1});
  EXPECT_TRUE(std::isnan(equal.r2));
  EXPECT_NEAR(equal.mae, 0.9, 1e-15);
}

}  // namespace
}  // namespace tessera::metrics
