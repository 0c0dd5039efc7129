// SPDX-License-Identifier: Apache-2.0
#include "search/journal_replay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "core/text.hpp"
#include "described_study.hpp"
#include "search/journal_line.hpp"
#include "support/expect_error.hpp"

namespace tessera::search {
namespace {

using test::message_of;

JournalReplay replayed(const std::string& name, const std::string& text) {
  JournalReplay replay(name);
  for (const auto line : core::split(core::trim(text), '\n')) replay.apply(line);
  return replay;
}

const std::string kNew = journal_line::create_study("w", "s", Direction::kMinimize);

std::string new_trial(TrialState state = TrialState::kRunning) {
  Trial trial;
  trial.state = state;
  return journal_line::create_trial("w", 0, trial);
}

// optuna5.log was written by Optuna 5.0.0 (two studies of our name, the first deleted, another between; all
// kinds of settings, values that are no numbers, enqueued, claimed and finished trials), optuna5.txt is what
// it reads in it.
TEST(JournalReplay, ReadsWhatOptunaWrote) {
  const auto replay = replayed("grains", core::read_file(test_file("fixtures/optuna5.log")));
  ASSERT_TRUE(replay.study());
  EXPECT_EQ(described(*replay.study()), core::read_file(test_file("fixtures/optuna5.txt")));
  EXPECT_EQ(replay.study_names(), (std::vector<std::string>{"other", "grains"}));
  EXPECT_EQ(replay.study_id(), 2);
  EXPECT_EQ(replay.trial_id(0), 1);
  EXPECT_EQ(replay.trial_id(1), 3);
  const auto other = replayed("other", core::read_file(test_file("fixtures/optuna5.log")));
  ASSERT_EQ(other.study()->trials.size(), 1u);
  EXPECT_EQ(other.study()->trials[0].value, 1.0);
}

TEST(JournalReplay, ReadsBackEveryKindOfLine) {
  Trial trial;
  trial.state = TrialState::kWaiting;
  trial.settings["a \"b\"\n"] = {FloatDistribution{-1.5, 1e20, false, 0.1}, 0.30000000000000004};
  trial.settings["c"] = {CategoricalDistribution{{std::string("é\\"), true, std::int64_t{-3}, 0.5}}, 2};
  trial.user_attributes["u"] = R"({"x":[NaN,"NaN \"Infinity\"",-Infinity,null]})";
  trial.system_attributes["s"] = "\"t\"";
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto replay = replayed(
      "s", kNew + journal_line::study_user_attribute("w", 0, "m", "\"iou\"") +
               journal_line::study_system_attribute("w", 0, "n", "[1,2.5]") +
               journal_line::create_trial("w", 0, trial) +
               journal_line::set_state("w", 0, TrialState::kRunning, {}, "2026-11-23T07:00:00.000000+00:00") +
               journal_line::set_param("w", 0, "d", {IntDistribution{1, 9, 2, false}, 5}) +
               journal_line::report("w", 0, 1, nan) +
               journal_line::report("w", 0, 2, -std::numeric_limits<double>::infinity()) +
               journal_line::trial_user_attribute("w", 0, "v", "1") +
               journal_line::trial_system_attribute("w", 0, "z", "{}") +
               journal_line::set_state("w", 0, TrialState::kPruned, 0.1, "2026-11-23T07:00:01.000000+00:00"));
  Study expected{"s", Direction::kMinimize, {{"m", "\"iou\""}}, {{"n", "[1,2.5]"}}, {trial}};
  Trial& wanted = expected.trials[0];
  wanted.state = TrialState::kPruned;
  wanted.value = 0.1;
  wanted.started = "2026-11-23T07:00:00.000000+00:00";
  wanted.finished = "2026-11-23T07:00:01.000000+00:00";
  wanted.settings["d"] = {IntDistribution{1, 9, 2, false}, 5};
  wanted.user_attributes["v"] = "1";
  wanted.system_attributes["z"] = "{}";
  Study got = *replay.study();
  EXPECT_TRUE(std::isnan(got.trials[0].intermediate.at(1)));
  EXPECT_EQ(got.trials[0].intermediate.at(2), -std::numeric_limits<double>::infinity());
  got.trials[0].intermediate.clear();
  EXPECT_EQ(got, expected);
}

TEST(JournalReplay, OfTwoClaimsOfAWaitingTrialTheFirstHolds) {
  const auto replay = replayed("s", kNew + new_trial(TrialState::kWaiting) +
                                        journal_line::set_state("a", 0, TrialState::kRunning, {}, "first") +
                                        journal_line::set_state("b", 0, TrialState::kRunning, {}, "second"));
  EXPECT_EQ(replay.study()->trials[0].started, "first");
  EXPECT_EQ(replay.study()->trials[0].state, TrialState::kRunning);
}

TEST(JournalReplay, AFinishedTrialChangesNoMore) {
  const std::string until =
      kNew + new_trial() + journal_line::set_state("w", 0, TrialState::kComplete, 1.0, "end");
  const auto before = replayed("s", until);
  const auto after =
      replayed("s", until + journal_line::set_state("w", 0, TrialState::kFail, {}, "later") +
                        journal_line::report("w", 0, 1, 2.0) +
                        journal_line::set_param("w", 0, "x", {FloatDistribution{0, 1, false, {}}, 0.5}) +
                        journal_line::trial_user_attribute("w", 0, "k", "1") +
                        journal_line::trial_system_attribute("w", 0, "k", "1"));
  EXPECT_EQ(*after.study(), *before.study());
}

TEST(JournalReplay, WhatOptunaIgnoresIsIgnored) {
  const auto before = replayed("s", kNew + new_trial());
  const auto after =
      replayed("s", kNew + kNew + new_trial() +
                        R"({"op_code":10,"worker_id":"w","trials":[0]})"
                        "\n" +
                        journal_line::report("w", 7, 1, 2.0) + journal_line::create_trial("w", 3, Trial{}) +
                        journal_line::study_user_attribute("w", 3, "k", "1"));
  EXPECT_EQ(*after.study(), *before.study());
  EXPECT_EQ(after.study_names().size(), 1u);
}

TEST(JournalReplay, ASettingOfAnotherKindThanBeforeIsIgnored) {
  const auto set = [](int trial, const Distribution& distribution) {
    return journal_line::set_param("w", trial, "x", {distribution, 1});
  };
  const auto replay = replayed(
      "s", kNew + new_trial() + new_trial() + new_trial() + new_trial() +
               set(0, FloatDistribution{0, 1, false, {}}) + set(1, FloatDistribution{1, 3, true, {}}) +
               set(2, IntDistribution{0, 1}) + set(3, FloatDistribution{-9, 9, false, {}}));
  EXPECT_TRUE(replay.study()->trials[1].settings.empty());
  EXPECT_TRUE(replay.study()->trials[2].settings.empty());
  EXPECT_EQ(replay.study()->trials[3].settings.size(), 1u);
}

TEST(JournalReplay, ABadLineSaysWhatIsWrongAndChangesNothing) {
  auto replay = replayed("s", kNew + new_trial());
  const Study before = *replay.study();
  const auto refused = [&](const std::string& line) {
    return message_of<core::DataError>([&] { replay.apply(line); });
  };
  EXPECT_THAT(refused(R"({"op_code":4,"stu)"), testing::HasSubstr("parse"));
  EXPECT_THAT(refused(R"({"op_code":6,"trial_id":0,"values":null})"), testing::HasSubstr("state"));
  EXPECT_THAT(refused(R"({"op_code":6,"trial_id":0,"state":9,"values":null})"),
              testing::HasSubstr("0 to 4, got 9"));
  EXPECT_THAT(refused(R"({"op_code":6,"trial_id":0,"state":1,"values":[1,2]})"),
              testing::HasSubstr("one value"));
  EXPECT_THAT(refused(R"({"op_code":7,"trial_id":0,"step":1,"intermediate_value":"x"})"),
              testing::HasSubstr("number"));
  EXPECT_THAT(refused(R"({"op_code":5,"trial_id":0,"param_name":"x","param_value_internal":2,"distribution":)"
                      R"("{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [1, 2]}}"})"),
              testing::HasSubstr("one of 2"));
  EXPECT_THAT(refused(R"({"op_code":5,"trial_id":0,"param_name":"x","param_value_internal":2,"distribution":)"
                      R"("{\"name\": \"UniformDistribution\", \"attributes\": {}}"})"),
              testing::HasSubstr("'UniformDistribution'"));
  EXPECT_EQ(*replay.study(), before);
}

}  // namespace
}  // namespace tessera::search
