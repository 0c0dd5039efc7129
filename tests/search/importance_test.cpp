// SPDX-License-Identifier: Apache-2.0
#include "search/importance.hpp"

#include <gtest/gtest.h>

#include "core/random.hpp"
#include "fixture.hpp"

namespace tessera::search {
namespace {

TEST(Importance, IsOptunas) {
  const auto cases = test::fixture("importance");
  if (cases.is_null()) GTEST_SKIP() << "TESSERA_SOURCE is not set: run through ctest";
  for (const auto& expected : cases) {
    const Study study = test::study_of(expected);
    const auto variances = importance(study), shares = importance_shares(study);
    ASSERT_EQ(variances.size(), expected.at("importance").size());
    for (const auto& [key, value] : variances) {
      EXPECT_NEAR(value, expected.at("importance").at(key).get<double>(), 1e-9) << key;
      EXPECT_NEAR(shares.at(key), expected.at("shares").at(key).get<double>(), 1e-9) << key;
    }
  }
}

TEST(Importance, FallsOnTheParameterThatDecides) {
  const FloatDistribution range{0, 1, false, {}};
  core::RandomStream stream(1, "importance");
  Study study;
  for (std::int64_t number = 0; number < 300; ++number) {
    Trial trial = test::trial_of(number, TrialState::kComplete);
    trial.settings["decides"] = {range, stream.uniform()};
    trial.settings["helps"] = {range, stream.uniform()};
    trial.settings["idle"] = {range, stream.uniform()};
    trial.value = trial.settings["decides"].value + 0.2 * trial.settings["helps"].value;
    study.trials.push_back(trial);
  }
  const auto shares = importance_shares(study);
  EXPECT_GT(shares.at("decides"), 0.8);
  EXPECT_GT(shares.at("helps"), shares.at("idle"));
}

TEST(Importance, OfTooFewTrialsIsEqual) {
  Study study;
  EXPECT_TRUE(importance_shares(study).empty());
  Trial only = test::trial_of(0, TrialState::kComplete);
  only.settings = {{"a", {IntDistribution{1, 2}, 1}}, {"b", {IntDistribution{1, 2}, 1}}};
  only.value = 1;
  study.trials.push_back(only);
  EXPECT_EQ(importance_shares(study), (std::map<std::string, double>{{"a", 0.5}, {"b", 0.5}}));
}

}  // namespace
}  // namespace tessera::search
