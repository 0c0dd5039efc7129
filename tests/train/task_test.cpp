// SPDX-License-Identifier: Apache-2.0
#include "train/task.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace tessera::train {
namespace {

std::map<std::string, double> as_map(const NamedValues& values) {
  return {values.begin(), values.end()};
}

TEST(RegressionTask, StandardisesAndRestores) {
  const auto task = make_regression_task(
      {10, 1000}, {.transform = data::Transform::Log10, .mean = 2, .deviation = 0.5}, "mse");
  const std::vector<std::int64_t> records{0, 1};

  EXPECT_TRUE(torch::allclose(task->targets(records), torch::tensor({-2.0f, 2.0f})));
  const auto predictions = task->predictions(torch::tensor({{-2.0f}, {2.0f}}), {});
  EXPECT_NEAR(predictions[1].item<double>(), 3.0, 1e-6);
  const std::vector<double> row{3.0};
  EXPECT_NEAR(task->predicted_value(row), 1000.0, 1e-9);
}

TEST(RegressionTask, MetricsAreInTheTrainedSpaceAndRaw) {
  const auto task = make_regression_task({10, 1000}, {.transform = data::Transform::Log10}, "mse");

  const auto metrics = as_map(task->metrics({.records = {0, 1}, .columns = 1, .values = {1.5, 3.0}}));

  EXPECT_NEAR(metrics.at("mae"), 0.25, 1e-12);
  EXPECT_NEAR(metrics.at("mae_raw"), (std::pow(10, 1.5) - 10) / 2, 1e-9);
}

TEST(ClassificationTask, CountsFromItsFirstClass) {
  const auto task = make_classification_task({225, 1}, {.first = 1, .classes = 230}, "cross_entropy");
  const std::vector<std::int64_t> records{0, 1};
  auto scores = torch::zeros({2, 230});
  scores[0][224] = 1;
  scores[1][9] = 1;

  EXPECT_EQ(task->targets(records)[0].item<std::int64_t>(), 224);
  const auto rows = task->predictions(scores, {}).contiguous();
  const std::vector<double> values(rows.data_ptr<double>(), rows.data_ptr<double>() + rows.numel());
  const auto metrics = as_map(task->metrics({.records = {0, 1}, .columns = 5, .values = values}));
  EXPECT_DOUBLE_EQ(metrics.at("accuracy"), 0.5);
  EXPECT_DOUBLE_EQ(task->predicted_value(std::span(values).first(5)), 225);
}

TEST(ClassificationTask, ScoresThatAreNotNumbersGainNothing) {
  const auto task = make_classification_task({3, 1}, {.first = 1, .classes = 7}, "cross_entropy");
  const double nan = std::nan("");
  auto scores = torch::full({2, 7}, nan);
  scores[0][2] = 0.1;
  const auto rows_of = [&](const torch::Tensor& output) {
    const auto rows = task->predictions(output, {}).contiguous();
    return std::vector<double>(rows.data_ptr<double>(), rows.data_ptr<double>() + rows.numel());
  };

  const auto values = rows_of(scores);

  EXPECT_EQ(task->predicted_value(std::span(values).first(5)), 3);  // the one that is a number
  EXPECT_TRUE(std::isnan(values[1]));
  EXPECT_TRUE(std::isnan(task->predicted_value(std::span(values).last(5))));
  const auto metrics = as_map(task->metrics({.records = {0, 1}, .columns = 5, .values = values}));
  EXPECT_TRUE(std::isnan(metrics.at("accuracy")));
  EXPECT_TRUE(std::isnan(metrics.at("top5")));
}

TEST(EveryTask, NamesItsMetricsInTheirOrder) {
  const auto regression = make_regression_task({1, 2}, {}, "mse");
  const auto classification = make_classification_task({1, 2}, {.first = 1, .classes = 2}, "cross_entropy");
  const auto names_of = [](const NamedValues& values) {
    std::vector<std::string> names;
    for (const auto& [name, value] : values) names.push_back(name);
    return names;
  };

  EXPECT_EQ(names_of(regression->metrics({{0, 1}, 1, {1, 2}})), regression->metric_names());
  EXPECT_EQ(names_of(classification->metrics({{0, 1}, 2, {0, 1, 1, 0}})), classification->metric_names());
}

}  // namespace
}  // namespace tessera::train
