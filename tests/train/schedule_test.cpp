// SPDX-License-Identifier: Apache-2.0
#include "train/schedule.hpp"

#include <gtest/gtest.h>

namespace tessera::train {
namespace {

ScheduleOptions ten_epochs(const std::string& name) {
  return {.name = name, .learning_rate = 0.1, .steps_per_epoch = 10, .epochs = 10};
}

TEST(Schedule, ConstantStaysAtThePeak) {
  const Schedule schedule(ten_epochs("constant"));

  EXPECT_DOUBLE_EQ(schedule.rate(0), 0.1);
  EXPECT_DOUBLE_EQ(schedule.rate(99), 0.1);
}

TEST(Schedule, WarmUpRisesInALineToThePeak) {
  auto options = ten_epochs("constant");
  options.warmup_epochs = 2;
  const Schedule schedule(options);

  EXPECT_DOUBLE_EQ(schedule.rate(0), 0.1 / 20);
  EXPECT_DOUBLE_EQ(schedule.rate(9), 0.05);
  EXPECT_DOUBLE_EQ(schedule.rate(19), 0.1);
  EXPECT_DOUBLE_EQ(schedule.rate(20), 0.1);
}

TEST(Schedule, StepFallsOnceEveryStepEpochs) {
  auto options = ten_epochs("step");
  options.step_epochs = 4;
  options.step_factor = 0.1;
  const Schedule schedule(options);

  EXPECT_DOUBLE_EQ(schedule.rate(39), 0.1);
  EXPECT_NEAR(schedule.rate(40), 0.01, 1e-15);
  EXPECT_NEAR(schedule.rate(80), 0.001, 1e-15);
}

TEST(Schedule, CosineIsHalfWayDownInTheMiddleAndNearZeroAtTheEnd) {
  const Schedule schedule(ten_epochs("cosine"));

  EXPECT_DOUBLE_EQ(schedule.rate(0), 0.1);
  EXPECT_NEAR(schedule.rate(50), 0.05, 1e-12);
  EXPECT_LT(schedule.rate(99), 1e-4);
}

TEST(Schedule, OneCyclePeaksAtThirtyPercent) {
  const Schedule schedule(ten_epochs("one_cycle"));

  EXPECT_NEAR(schedule.rate(0), 0.1 / 25, 1e-12);
  EXPECT_NEAR(schedule.rate(30), 0.1, 1e-12);
  EXPECT_LT(schedule.rate(99), 1e-3);
}

TEST(Schedule, PlateauFallsOnlyAfterPatienceIsOver) {
  auto options = ten_epochs("plateau");
  options.plateau_patience = 1;
  options.step_factor = 0.5;
  Schedule schedule(options);

  schedule.observe(false);
  EXPECT_DOUBLE_EQ(schedule.rate(10), 0.1);
  schedule.observe(false);
  EXPECT_DOUBLE_EQ(schedule.rate(20), 0.05);
  schedule.observe(true);
  schedule.observe(false);
  EXPECT_DOUBLE_EQ(schedule.rate(40), 0.05);
}

}  // namespace
}  // namespace tessera::train
