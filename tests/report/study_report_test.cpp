// SPDX-License-Identifier: Apache-2.0
#include "report/study_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace tessera::report {
namespace {

using testing::HasSubstr;
using testing::Not;

StudyFacts depth_by_layer() {
  StudyFacts study{
      .name = "depth <layer>",
      .metric = "validation_iou",
      .higher_is_better = true,
      .parameters = {{"model.depth", false, {}, 0.75}, {"model.skip", false, {"add", "none"}, 0.25}},
      .trials = {}};
  for (int i = 0; i < 6; ++i)
    study.trials.push_back({.number = i,
                            .state = "complete",
                            .value = 0.1 * i,
                            .settings = {2.0 + i % 3, static_cast<double>(i / 3)},
                            .epochs = {1, 2},
                            .curve = {0.05 * i, 0.1 * i},
                            .trained_epochs = 2});
  return study;
}

TEST(StudyReport, ShowsTheBestSettingsAndAMapOfEveryPair) {
  const std::string page = make_study_report(depth_by_layer());

  EXPECT_THAT(page, HasSubstr("depth &lt;layer&gt;"));
  EXPECT_THAT(page, HasSubstr("best validation_iou (trial 5)"));
  EXPECT_THAT(page, HasSubstr("Best validation_iou"));
  EXPECT_THAT(page, HasSubstr("4 / none: 0.5"));  // a cell's tip
  EXPECT_THAT(page, HasSubstr("75 %"));
  EXPECT_THAT(page, HasSubstr("best (trial 5)"));
}

TEST(StudyReport, TheBestIsTheCompleteOneThatTheDirectionSays) {
  StudyFacts study = depth_by_layer();
  EXPECT_EQ(best_trial(study)->number, 5);
  study.trials[5].state = "pruned";
  study.trials[4].value = std::nan("");
  EXPECT_EQ(best_trial(study)->number, 3);
  study.higher_is_better = false;
  EXPECT_EQ(best_trial(study)->number, 0);
}

TEST(StudyReport, DrawsNoMapOfWhatWasHardlyTried) {
  StudyFacts study = depth_by_layer();
  for (std::size_t i = 0; i < study.trials.size(); ++i) study.trials[i].settings[0] = static_cast<double>(i);
  study.trials.resize(4);  // 4 × 2 cells, 4 of them tried; then 3
  EXPECT_THAT(make_study_report(study), HasSubstr("By pairs of settings"));
  study.trials[3].state = "failed";
  study.trials[3].note = "the loss is no number";
  const std::string page = make_study_report(study);
  EXPECT_THAT(page, Not(HasSubstr("By pairs of settings")));
  EXPECT_THAT(page, HasSubstr("the loss is no number"));
}

TEST(StudyReport, SaysWhereNothingIsCompleteYet) {
  StudyFacts study = depth_by_layer();
  study.trials.clear();
  EXPECT_THAT(make_study_report(study), HasSubstr("No trial is complete yet"));
}

}  // namespace
}  // namespace tessera::report
