// SPDX-License-Identifier: Apache-2.0
#include "search/sampler.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/error.hpp"
#include "fixture.hpp"
#include "search/grid.hpp"
#include "support/expect_error.hpp"

namespace tessera::search {
namespace {

using test::trial_of;
using ::testing::HasSubstr;

// depth, two parameters of deep networks only, a rate.
Space deep_space() {
  return Space({{"depth", IntDistribution{2, 4}, {}},
                {"third", IntDistribution{8, 32, 8}, Condition{0, {3, 4}}},
                {"kind", CategoricalDistribution{{std::string("x"), std::string("y")}}, Condition{0, {3, 4}}},
                {"rate", FloatDistribution{1e-4, 1, true, {}}, {}}});
}

double loss(const Settings& settings) {
  double loss =
      std::pow(std::log10(settings.at("rate").value) + 2, 2) + std::abs(settings.at("depth").value - 3);
  if (settings.contains("third")) loss += settings.at("third").value / 100 - settings.at("kind").value / 10;
  return loss;
}

Study finished_study(const Sampler& sampler, const Space& space, std::int64_t count) {
  Study study;
  for (std::int64_t number = 0; number < count; ++number) {
    Trial trial;
    trial.number = number;
    trial.settings = sampler.suggest(space, study, number).value();
    trial.state = TrialState::kComplete;
    trial.value = loss(trial.settings);
    study.trials.push_back(std::move(trial));
  }
  return study;
}

std::vector<std::unique_ptr<Sampler>> all_samplers(std::uint64_t seed) {
  std::vector<std::unique_ptr<Sampler>> samplers;
  samplers.push_back(make_random_sampler(seed));
  samplers.push_back(make_quasi_random_sampler(seed));
  samplers.push_back(make_tpe_sampler({.seed = seed}));
  samplers.push_back(make_tpe_sampler({.seed = seed, .multivariate = false}));
  return samplers;
}

TEST(Samplers, SuggestExactlyTheActiveParametersWithinTheirRanges) {
  const Space space = deep_space();
  for (const auto& sampler : all_samplers(1)) {
    std::set<double> depths;
    for (const Trial& trial : finished_study(*sampler, space, 60).trials) {
      const bool deep = trial.settings.at("depth").value >= 3;
      ASSERT_EQ(trial.settings.size(), deep ? 4 : 2);
      for (const auto& parameter : space.parameters()) {
        if (!trial.settings.contains(parameter.key)) continue;
        const Setting& setting = trial.settings.at(parameter.key);
        EXPECT_EQ(setting.distribution, parameter.distribution);
        EXPECT_TRUE(bounds_of(parameter.distribution).contain(setting.value));
        if (num_values(parameter.distribution)) {
          EXPECT_TRUE(index_of_value(parameter.distribution, setting.value)) << setting.value;
        }
      }
      depths.insert(trial.settings.at("depth").value);
    }
    EXPECT_EQ(depths.size(), 3);
  }
}

TEST(Samplers, SayTheSameAgainWhateverWasAskedBefore) {
  const Space space = deep_space();
  for (std::uint64_t kind = 0; kind < 4; ++kind) {
    const auto one = std::move(all_samplers(7)[kind]), other = std::move(all_samplers(7)[kind]);
    const auto reseeded = std::move(all_samplers(8)[kind]);
    const Study study = finished_study(*one, space, 30);
    std::int64_t different = 0;
    for (std::int64_t number = 40; number-- > 30;) {
      const auto settings = other->suggest(space, study, number);
      EXPECT_EQ(one->suggest(space, study, number), settings);
      different += reseeded->suggest(space, study, number) != settings;
      different += one->suggest(space, study, number + 1) != settings;
    }
    EXPECT_GE(different, 18) << kind;
  }
}

TEST(Tpe, FindsTheMinimumThatRandomSearchMisses) {
  const Space space = deep_space();
  const auto mean_of_last = [&](const Sampler& sampler) {
    const Study study = finished_study(sampler, space, 80);
    double sum = 0;
    for (std::size_t i = 60; i < 80; ++i) sum += *study.trials[i].value / 20;
    return sum;
  };
  const double by_chance = mean_of_last(*make_random_sampler(3));
  EXPECT_LT(mean_of_last(*make_tpe_sampler({.seed = 3})), by_chance / 2);
  EXPECT_LT(mean_of_last(*make_tpe_sampler({.seed = 3, .multivariate = false})), by_chance / 2);
}

TEST(Tpe, TheStartIsRandomAndFailuresDoNotEndIt) {
  const Space space({{"x", FloatDistribution{0, 1, false, {}}, {}}});
  const auto sampler = make_tpe_sampler();
  Study study;
  for (std::int64_t number = 0; number < 9; ++number) {
    Trial trial = trial_of(number, TrialState::kComplete);
    trial.settings["x"] = {FloatDistribution{0, 1, false, {}}, 0.5};
    trial.value = 0;
    study.trials.push_back(trial);
  }
  Study failed = study, pruned = study;
  failed.trials.push_back(trial_of(9, TrialState::kFail));
  pruned.trials.push_back(trial_of(9, TrialState::kPruned));
  EXPECT_EQ(sampler->suggest(space, failed, 10), sampler->suggest(space, {}, 10));
  EXPECT_NE(sampler->suggest(space, pruned, 10), sampler->suggest(space, {}, 10));
}

TEST(Tpe, TheConstantLiarKeepsWorkersApart) {
  const Space space({{"x", FloatDistribution{0, 1, false, {}}, {}}});
  Study study;
  for (std::int64_t number = 0; number < 30; ++number) {
    Trial trial = trial_of(number, TrialState::kComplete);
    trial.settings["x"] = {space.parameters()[0].distribution, static_cast<double>(number) / 30};
    trial.value = std::abs(trial.settings["x"].value - 0.5);
    study.trials.push_back(trial);
  }
  // Twenty workers ask at once; each sees the others' settings.
  const auto spread = [&](bool liar) {
    Study shown = study;
    const auto sampler = make_tpe_sampler({.seed = 5, .constant_liar = liar});
    double least = 1, greatest = 0;
    for (std::int64_t number = 30; number < 50; ++number) {
      Trial trial = trial_of(number, TrialState::kRunning);
      trial.settings = sampler->suggest(space, shown, number).value();
      least = std::min(least, trial.settings["x"].value),
      greatest = std::max(greatest, trial.settings["x"].value);
      shown.trials.push_back(trial);
    }
    return greatest - least;
  };
  EXPECT_GT(spread(true), 2 * spread(false));
}

TEST(Tpe, TrialsOfAnotherSpaceDoNotCount) {
  const Space space({{"x", CategoricalDistribution{{true, false}}, {}}, {"y", IntDistribution{1, 3}, {}}});
  Study study;
  for (std::int64_t number = 0; number < 40; ++number) {
    Trial trial = trial_of(number, TrialState::kComplete);
    trial.settings["w"] = {IntDistribution{1, 3}, 2};
    trial.settings["x"] = {CategoricalDistribution{{true, false, std::int64_t{2}}}, 2};  // no choice here
    if (number % 2) trial.settings["y"] = {IntDistribution{1, 9}, 9};
    trial.value = static_cast<double>(number);
    study.trials.push_back(trial);
  }
  for (const bool multivariate : {true, false}) {
    const auto settings = make_tpe_sampler({.multivariate = multivariate})->suggest(space, study, 40).value();
    EXPECT_TRUE(bounds_of(space.parameters()[0].distribution).contain(settings.at("x").value));
    EXPECT_TRUE(bounds_of(space.parameters()[1].distribution).contain(settings.at("y").value));
  }
}

TEST(GridSampler, VisitsEveryPointOnceAlsoWhereWorkersDoNotSeeEachOther) {
  const Space space({{"a", IntDistribution{1, 3}, {}}, {"b", IntDistribution{1, 4}, {}}});
  const Grid grid(space);
  const auto sampler = make_grid_sampler();
  Study study;
  std::set<std::int64_t> visited;
  for (std::int64_t number = 0; number < 12; ++number) {
    Study shown;  // without the two trials before, as if they ran elsewhere
    for (const Trial& trial : study.trials)
      if (trial.number < number - 2) shown.trials.push_back(trial);
    Trial trial = trial_of(number, TrialState::kRunning);
    trial.settings = sampler->suggest(space, shown, number).value();
    visited.insert(grid.index(trial.settings).value());
    study.trials.push_back(trial);
  }
  EXPECT_EQ(visited.size(), 12);
  EXPECT_EQ(sampler->suggest(space, study, 12), std::nullopt);
}

TEST(GridSampler, ARetriedPointCostsNoOther) {
  const Space space({{"a", IntDistribution{0, 5}, {}}});
  const auto sampler = make_grid_sampler();
  Study study;
  for (std::int64_t number = 0; number < 3; ++number)
    study.trials.push_back(
        trial_of(number, TrialState::kComplete, sampler->suggest(space, study, number).value()));
  Trial retried = study.trials[1];
  study.trials[1].state = TrialState::kFail;
  retried.number = 3;
  study.trials.push_back(retried);
  EXPECT_EQ(sampler->suggest(space, study, 4).value().at("a").value, 3);
}

TEST(QuasiRandom, EveryRangeOfAPrimePowerHoldsOnePoint) {
  // 2^5 points: one in each 32nd of the first parameter; 3^3: one in each 27th of the second.
  const Space space(
      {{"a", FloatDistribution{0, 1, false, {}}, {}}, {"b", FloatDistribution{0, 1, false, {}}, {}}});
  const auto sampler = make_quasi_random_sampler(11);
  for (const auto& [key, count] : std::map<std::string, std::int64_t>{{"a", 32}, {"b", 27}})
    for (const std::int64_t begin : {std::int64_t{0}, 5 * count}) {
      std::set<std::int64_t> ranges;
      for (std::int64_t i = 0; i < count; ++i) {
        const double value = sampler->suggest(space, {}, begin + i).value().at(key).value;
        ranges.insert(static_cast<std::int64_t>(value * static_cast<double>(count)));
      }
      EXPECT_EQ(std::ssize(ranges), count) << key << " from " << begin;
    }
}

TEST(RandomSampler, SharesAreEvenAndLogarithmicWholeNumbersHaveTheirRange) {
  const Space space({{"step", FloatDistribution{0, 0.5, false, 0.25}, {}},
                     {"log", IntDistribution{1, 8, 1, true}, {}},
                     {"choice", CategoricalDistribution{{true, false, std::int64_t{2}, 3.5}}, {}}});
  const auto sampler = make_random_sampler(1);
  std::map<std::string, std::map<double, double>> shares;
  const int draws = 20000;
  for (std::int64_t number = 0; number < draws; ++number) {
    const auto settings = sampler->suggest(space, {}, number).value();
    for (const auto& [key, setting] : settings) shares[key][setting.value] += 1.0 / draws;
  }
  for (const double value : {0.0, 0.25, 0.5}) EXPECT_NEAR(shares["step"][value], 1.0 / 3, 0.02);
  for (int value = 1; value <= 8; ++value)
    EXPECT_NEAR(shares["log"][value], std::log((value + 0.5) / (value - 0.5)) / std::log(17.0), 0.02)
        << value;
  for (int value = 0; value < 4; ++value) EXPECT_NEAR(shares["choice"][value], 0.25, 0.02);
}

TEST(SamplerConfig, OptionsAreReadAndRefusedWithTheirLine) {
  const Space space = deep_space();
  const auto read = [&](const std::string& text) {
    auto config = core::Config::from_text("[sampler]\n" + text, "search.toml");
    auto sampler = sampler_from_config(config, space);
    config.refuse_unknown();
    return sampler;
  };
  EXPECT_EQ(read("name = 'random'\nseed = 3\n")->suggest(space, {}, 4),
            make_random_sampler(3)->suggest(space, {}, 4));
  EXPECT_EQ(read("seed = 3\nstartup_trials = 20\nmultivariate = false\n")->suggest(space, {}, 4),
            make_tpe_sampler({.seed = 3})->suggest(space, {}, 4));
  const auto refusal = [&](const std::string& text) {
    return tessera::test::message_of<core::InputError>([&] { read(text); });
  };
  EXPECT_THAT(refusal("name = 'tpee'\n"), HasSubstr("Did you mean tpe?"));
  EXPECT_THAT(refusal("candidates = 0\n"),
              HasSubstr("sampler.candidates must be 1 to 100000, got 0 (search.toml:2)"));
  EXPECT_THAT(refusal("name = 'random'\ncandidates = 3\n"),
              HasSubstr("sampler.candidates is not a known key"));
  EXPECT_THAT(refusal("seed = -1\n"), HasSubstr("got -1 (search.toml:2)"));
  EXPECT_THAT(refusal("name = 'grid'\n"),
              HasSubstr("rate has none. Give it one, make it a categorical, or take "
                        "sampler.name = \"random\". (search.toml:2)"));
}

}  // namespace
}  // namespace tessera::search
