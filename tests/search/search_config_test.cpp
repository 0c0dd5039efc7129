// SPDX-License-Identifier: Apache-2.0
#include "search/search_config.hpp"

#include <gmock/gmock.h>

#include "core/error.hpp"
#include "support/expect_error.hpp"

namespace tessera::search {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kRate =
    "[[parameter]]\nkey = 'train.learning_rate'\ntype = 'float'\nlow = 1e-4\nhigh = 1e-1\nlog = true\n";

SearchConfig parse(const std::string& text) {
  auto config = core::Config::from_text(text, "search.toml");
  auto search = read_search_config(config, "configs/search.toml");
  config.refuse_unknown();
  return search;
}

TEST(SearchConfig, ReadsWhatIsSearchedAndHowLong) {
  const auto search = parse(
      std::string("base = 'cgcnn.toml'\nset = ['train.epochs=5']\n[study]\ndir = 'runs/s'\ntrials = 40\n"
                  "metric = 'validation_accuracy'\ndirection = 'maximize'\nepochs_budget = 900\n"
                  "ranks_per_trial = 2\n[sampler]\nname = 'random'\nseed = 3\n") +
      kRate);

  EXPECT_EQ(search.base, "configs/cgcnn.toml");
  EXPECT_THAT(search.overrides, ElementsAre("train.epochs=5"));
  EXPECT_EQ(search.options.folder, "runs/s");
  EXPECT_EQ(search.options.metric, "validation_accuracy");
  EXPECT_EQ(search.options.direction, Direction::kMaximize);
  EXPECT_EQ(search.options.trials, 40);
  EXPECT_EQ(search.options.epochs_budget, 900);
  EXPECT_EQ(search.options.ranks_per_trial, 2);
  EXPECT_EQ(search.space.parameters().size(), 1U);
}

TEST(SearchConfig, WhatWouldNeverEndIsRefusedAGridIsNot) {
  const std::string study = "base = 'b.toml'\n[study]\ndir = 's'\n";
  EXPECT_THAT(test::message_of<core::InputError>([&] { parse(study + kRate); }),
              AllOf(HasSubstr("study.trials must be above 0"), HasSubstr("search.toml")));
  EXPECT_NO_THROW(parse(study + "time_limit_minutes = 5\n" + kRate));
  EXPECT_NO_THROW(
      parse(study + "[sampler]\nname = 'grid'\n[[parameter]]\nkey = 'a'\ntype = 'int'\nlow = 1\nhigh = 3\n"));
}

TEST(SearchConfig, AReplayableStudyRetriesNothing) {
  const std::string study = "base = 'b.toml'\n[study]\ndir = 's/'\ntrials = 4\nwindow = 2\n";
  const auto search = parse(study + kRate);
  EXPECT_EQ(search.options.retries, 0);
  EXPECT_EQ(search.options.folder, "s");  // as without the slash
  EXPECT_THAT(test::message_of<core::InputError>([&] { parse(study + "retries = 1\n" + kRate); }),
              HasSubstr("study.retries must be 0 where study.window is set, got 1 (search.toml:6)"));
}

TEST(SearchConfig, AnUnknownKeyIsRefusedByItsLine) {
  EXPECT_THAT(test::message_of<core::InputError>([&] {
                parse(std::string("base = 'b.toml'\n[study]\ndir = 's'\ntrails = 4\ntrials = 4\n") + kRate);
              }),
              AllOf(HasSubstr("study.trails"), HasSubstr("search.toml:4")));
}

TEST(SearchConfig, TellsItsOwnKeysFromTheBases) {
  EXPECT_TRUE(is_search_key("study.trials=3"));
  EXPECT_TRUE(is_search_key("sampler.name=grid"));
  EXPECT_TRUE(is_search_key("parameter[0].high=3"));
  EXPECT_FALSE(is_search_key("train.epochs=3"));
}

}  // namespace
}  // namespace tessera::search
