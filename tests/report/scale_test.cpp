// SPDX-License-Identifier: Apache-2.0
#include "report/scale.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/random.hpp"
#include "report/number.hpp"

namespace tessera::report {
namespace {

std::vector<std::string> labels_of(const std::vector<Tick>& ticks) {
  std::vector<std::string> labels;
  for (const auto& tick : ticks) labels.push_back(tick.label);
  return labels;
}

TEST(LinearTicks, AreRoundAndAlikeInTheirDecimals) {
  EXPECT_THAT(labels_of(linear_ticks({0.03, 1.02})), testing::ElementsAre("0.2", "0.4", "0.6", "0.8", "1.0"));
  EXPECT_THAT(labels_of(linear_ticks({-1.1, 1.1}, 4)), testing::ElementsAre("−1", "0", "1"));
  EXPECT_THAT(
      labels_of(linear_ticks({0, 29215})),
      testing::ElementsAre("0", "5\u202f000", "10\u202f000", "15\u202f000", "20\u202f000", "25\u202f000"));
  EXPECT_THAT(labels_of(linear_ticks({0, 4e-7}, 4)),
              testing::ElementsAre("0", "1·10⁻⁷", "2·10⁻⁷", "3·10⁻⁷", "4·10⁻⁷"));
}

TEST(LinearTicks, LieWithinAnyInterval) {
  core::RandomStream random(1, "intervals");
  for (int round = 0; round < 500; ++round) {
    const double low = random.normal() * std::pow(10.0, random.uniform(-6, 6));
    const Interval interval{low, low + std::pow(10.0, random.uniform(-6, 6)) * std::max(1.0, std::abs(low))};

    const auto ticks = linear_ticks(interval);

    const double slack = 1e-6 * (interval.high - interval.low);
    EXPECT_GE(ticks.size(), 2U);
    EXPECT_LE(ticks.size(), 7U);
    for (const auto& tick : ticks) {
      EXPECT_GE(tick.value, interval.low - slack);
      EXPECT_LE(tick.value, interval.high + slack);
    }
  }
}

TEST(LogarithmicTicks, ArePowersOfTenWithOneTwoFiveWhileTheyAreFew) {
  EXPECT_THAT(labels_of(logarithmic_ticks({1e-6, 2})),
              testing::ElementsAre("10⁻⁶", "10⁻⁵", "10⁻⁴", "0.001", "0.01", "0.1", "1"));
  EXPECT_THAT(labels_of(logarithmic_ticks({0.03, 1.2})),
              testing::ElementsAre("0.05", "0.1", "0.2", "0.5", "1"));
  EXPECT_THAT(labels_of(logarithmic_ticks({0.41, 0.62})),
              testing::ElementsAre("0.45", "0.50", "0.55", "0.60"));
}

TEST(IntervalOf, LeavesOutWhatCannotBeShown) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();

  const auto linear = interval_of(std::vector<double>{nan, 2, -1, inf}, false, 0);
  EXPECT_EQ(linear.low, -1);
  EXPECT_EQ(linear.high, 2);
  const auto logarithmic = interval_of(std::vector<double>{nan, 0, -3, 10, 1000}, true, 0);
  EXPECT_NEAR(logarithmic.low, 10, 1);
  EXPECT_NEAR(logarithmic.high, 1000, 100);
}

TEST(IntervalOf, IsNeverEmpty) {
  for (const auto& values : {std::vector<double>{}, {0.0}, {5.0, 5.0}, {-1e-9}})
    for (const bool logarithmic : {false, true}) {
      const auto interval = interval_of(values, logarithmic, 0.05);
      EXPECT_LT(interval.low, interval.high);
    }
}

TEST(FormatNumber, ShowsFewDigits) {
  EXPECT_EQ(format_number(0.058312), "0.05831");
  EXPECT_EQ(format_number(-3.25), "−3.25");
  EXPECT_EQ(format_number(29215.4), "29\u202f215");
  EXPECT_EQ(format_number(2.1e-7), "2.1·10⁻⁷");
  EXPECT_EQ(format_number(std::nan("")), "–");
  EXPECT_EQ(format_count(-1234567), "−1\u202f234\u202f567");
}

}  // namespace
}  // namespace tessera::report
