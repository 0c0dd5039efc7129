// SPDX-License-Identifier: Apache-2.0
#include "metrics/bootstrap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/random.hpp"
#include "metrics/regression.hpp"

namespace tessera::metrics {
namespace {

struct Pairs {
  std::vector<double> target, prediction;
  std::vector<std::string> groups;

  void add(double true_value, double predicted, const std::string& group) {
    target.push_back(true_value);
    prediction.push_back(predicted);
    groups.push_back(group);
  }
};

RegressionIntervals intervals_of(const Pairs& pairs, const BootstrapOptions& options = {}) {
  return bootstrap_intervals(pairs.target, pairs.prediction, pairs.groups, options);
}

// Four groups of one to four records, far apart in error.
Pairs four_groups() {
  Pairs pairs;
  core::RandomStream random(1, "four groups");
  for (int group = 0; group < 4; ++group)
    for (int i = 0; i <= group; ++i) {
      const double target = 100 + random.normal();
      pairs.add(target, target + (1 + group) * random.normal(),
                std::string(1, static_cast<char>('a' + group)));
    }
  return pairs;
}

// All 4⁴ draws of four groups, each as likely as any: the metrics of the records drawn, sorted.
struct AllDraws {
  std::vector<double> mae, rmse, r2;
};
AllDraws all_draws(const Pairs& pairs) {
  AllDraws all;
  for (int draw = 0; draw < 256; ++draw) {
    std::vector<double> target, prediction;
    for (int code = draw, i = 0; i < 4; ++i, code /= 4)
      for (std::size_t record = 0; record < pairs.target.size(); ++record)
        if (pairs.groups[record][0] == 'a' + code % 4) {
          target.push_back(pairs.target[record]);
          prediction.push_back(pairs.prediction[record]);
        }
    const auto metrics = regression_metrics(target, prediction);
    all.mae.push_back(metrics.mae);
    all.rmse.push_back(metrics.rmse);
    if (!std::isnan(metrics.r2)) all.r2.push_back(metrics.r2);
  }
  for (auto* values : {&all.mae, &all.rmse, &all.r2}) std::sort(values->begin(), values->end());
  return all;
}

// `value` is where the share `level` of the sorted values ends, to within 0.002; many values are alike, but
// for the order of their sums.
void expect_quantile(const std::vector<double>& sorted, double level, double value) {
  const auto share_up_to = [&](double limit) {
    return static_cast<double>(std::upper_bound(sorted.begin(), sorted.end(), limit) - sorted.begin()) /
           static_cast<double>(sorted.size());
  };
  EXPECT_LE(share_up_to(value - 1e-9), level + 0.002);
  EXPECT_GE(share_up_to(value + 1e-9), level - 0.002);
}

TEST(Bootstrap, IsWhatAllDrawsOfGroupsGive) {
  const auto pairs = four_groups();
  const auto all = all_draws(pairs);
  const auto found = intervals_of(pairs, {.resamples = 100000, .confidence = 0.8});
  expect_quantile(all.mae, 0.1, found.mae.low);
  expect_quantile(all.mae, 0.9, found.mae.high);
  expect_quantile(all.rmse, 0.1, found.rmse.low);
  expect_quantile(all.rmse, 0.9, found.rmse.high);
  expect_quantile(all.r2, 0.1, found.r2.low);
  expect_quantile(all.r2, 0.9, found.r2.high);
}

TEST(Bootstrap, OfManySingleRecordsIsTheMeansOwnDeviation) {
  Pairs pairs;
  core::RandomStream random(2, "errors");
  double sum = 0, squares = 0;
  for (int i = 0; i < 400; ++i) {
    const double error = random.uniform(), target = random.normal();
    sum += error;
    squares += error * error;
    pairs.add(target, target + error, std::to_string(i));
  }
  const double mean = sum / 400, deviation = std::sqrt((squares / 400 - mean * mean) / 400);
  const auto found = intervals_of(pairs);
  EXPECT_NEAR(found.mae.low, mean - 1.96 * deviation, 0.1 * deviation);
  EXPECT_NEAR(found.mae.high, mean + 1.96 * deviation, 0.1 * deviation);
}

TEST(Bootstrap, DoesNotTakePiecesOfAGroupForWitnesses) {
  Pairs once, cut;
  core::RandomStream random(3, "errors");
  for (int group = 0; group < 12; ++group) {
    const double target = random.normal(), prediction = target + random.normal();
    once.add(target, prediction, std::to_string(group));
    for (int piece = 0; piece < 50; ++piece) cut.add(target, prediction, std::to_string(group));
  }
  const auto a = intervals_of(once), b = intervals_of(cut);
  EXPECT_NEAR(a.mae.low, b.mae.low, 1e-12);
  EXPECT_NEAR(a.mae.high, b.mae.high, 1e-12);
  EXPECT_NEAR(a.r2.low, b.r2.low, 1e-9);
  EXPECT_GT(b.mae.high - b.mae.low, 0.3);
}

TEST(Bootstrap, TellsTwoMethodsApartWhoseOwnIntervalsOverlap) {
  Pairs a;
  std::vector<double> b;
  core::RandomStream random(5, "errors");
  for (int group = 0; group < 20; ++group)
    for (int i = 0; i <= group % 3; ++i) {
      const double error = 1 + random.uniform() * 10;
      a.add(group, group + error, std::to_string(group));
      b.push_back(group - (error + 0.1 + 0.01 * random.uniform()));  // on the other side
    }
  const auto of_a = intervals_of(a), of_b = bootstrap_intervals(a.target, b, a.groups);
  const auto difference = bootstrap_mae_difference(a.target, a.prediction, b, a.groups);
  EXPECT_GT(of_a.mae.high, of_b.mae.low);
  EXPECT_GT(difference.low, -0.11);
  EXPECT_LT(difference.high, -0.1);
  EXPECT_TRUE(std::isnan(bootstrap_mae_difference({}, {}, {}, {}).low));
}

// Of every draw the mean of what the errors differ by is the difference of their means.
TEST(Bootstrap, DifferenceToAPerfectMethodIsTheErrorItself) {
  const auto pairs = four_groups();
  const auto difference =
      bootstrap_mae_difference(pairs.target, pairs.prediction, pairs.target, pairs.groups);
  EXPECT_NEAR(difference.low, intervals_of(pairs).mae.low, 1e-12);
  EXPECT_NEAR(difference.high, intervals_of(pairs).mae.high, 1e-12);
}

TEST(Bootstrap, FollowsTheSeedAndNothingElse) {
  Pairs pairs;
  core::RandomStream random(4, "errors");
  for (int i = 0; i < 50; ++i) pairs.add(i, i + random.normal(), std::to_string(i));
  const auto low = [&](std::uint64_t seed) {
    return intervals_of(pairs, {.resamples = 500, .seed = seed}).rmse.low;
  };
  EXPECT_EQ(low(0), low(0));
  EXPECT_NE(low(0), low(1));
}

TEST(Bootstrap, TellsNothingWhereThereIsNothingToTell) {
  Pairs one_group, constant, with_nan = four_groups();
  for (int i = 0; i < 5; ++i) {
    one_group.add(i, i + 1, "a");
    constant.add(7, 7 + i, std::to_string(i));
  }
  with_nan.prediction[0] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(intervals_of(one_group).mae.low));
  EXPECT_TRUE(std::isnan(intervals_of({}).mae.high));
  EXPECT_TRUE(std::isnan(intervals_of(constant).r2.low));
  EXPECT_FALSE(std::isnan(intervals_of(constant).mae.low));
  EXPECT_TRUE(std::isnan(intervals_of(with_nan).mae.low));
  // Two groups of one target each: half the resamples are of one group, and have no R².
  Pairs two;
  two.add(1, 1.5, "a");
  two.add(2, 2.5, "b");
  EXPECT_TRUE(std::isnan(intervals_of(two).r2.low));
  EXPECT_DOUBLE_EQ(intervals_of(two).mae.high, 0.5);
}

}  // namespace
}  // namespace tessera::metrics
