// SPDX-License-Identifier: Apache-2.0
#include "core/config.hpp"

#include <gmock/gmock.h>

#include "core/error.hpp"
#include "support/expect_error.hpp"

namespace tessera::core {
namespace {

using test::message_of;
using ::testing::HasSubstr;

Config parse(const std::string& text) {
  return Config::from_text(text, "unet.toml");
}

TEST(Config, ReadsTypedValuesAndFallsBackToDefaults) {
  Config config = parse("[train]\nepochs = 3\nlearning_rate = 1e-2\nname = 'a'\nshuffle = false\n");
  ConfigTable train = config.table("train");

  EXPECT_EQ(train.integer("epochs", 1), 3);
  EXPECT_DOUBLE_EQ(train.number("learning_rate", 1.0), 0.01);
  EXPECT_EQ(train.text("name", ""), "a");
  EXPECT_FALSE(train.boolean("shuffle", true));
  EXPECT_EQ(train.integer("batch", 256), 256);
  config.refuse_unknown();
}

TEST(Config, AWholeNumberServesAsANumber) {
  Config config = parse("[train]\nlearning_rate = 1\n");

  EXPECT_DOUBLE_EQ(config.table("train").number("learning_rate", 0.1), 1.0);
}

TEST(Config, ARangeErrorNamesKeyValueAndLine) {
  Config config = parse("[model]\n\ndepth = 7\n");

  const auto message = message_of<InputError>([&] { config.table("model").integer("depth", 4, {2, 5}); });

  EXPECT_EQ(message, "model.depth must be 2 to 5, got 7 (unet.toml:3)");
}

TEST(Config, AWrongTypeIsRefused) {
  Config config = parse("[train]\nepochs = \"many\"\n");

  const auto message = message_of<InputError>([&] { config.table("train").integer("epochs", 1); });

  EXPECT_THAT(message, HasSubstr("train.epochs must be a whole number, got \"many\" (unet.toml:2)"));
}

TEST(Config, AnUnknownKeyIsNamedWithItsLineAndTheNearestKnown) {
  Config config = parse("[train]\nepoch = 3\n");
  config.table("train").integer("epochs", 1);

  const auto message = message_of<InputError>([&] { config.refuse_unknown(); });

  EXPECT_EQ(message, "train.epoch is not a known key (unet.toml:2). Did you mean train.epochs?");
}

TEST(Config, AnUnknownTableIsRefused) {
  Config config = parse("[trian]\nepochs = 3\n");
  config.table("train").integer("epochs", 1);

  EXPECT_THAT(message_of<InputError>([&] { config.refuse_unknown(); }), HasSubstr("Did you mean train?"));
}

TEST(Config, AnUnknownKeyInAnInlineTableIsNamedWhole) {
  Config config = parse("[data]\nsplit = {by = 'hash', trian = 0.6}\n");
  ConfigTable split = config.table("data").table("split");
  split.text("by", "random");
  split.number("train", 0.6);

  EXPECT_THAT(message_of<InputError>([&] { config.refuse_unknown(); }), HasSubstr("data.split.trian"));
}

TEST(Config, SetOverridesTheFileAndNamesItselfInErrors) {
  Config config = parse("[train]\nepochs = 3\n");
  config.set("train.epochs=9");
  config.set("train.optimizer=adam");

  EXPECT_EQ(config.table("train").integer("epochs", 1), 9);
  EXPECT_EQ(config.table("train").text("optimizer", "sgd"), "adam");
  config.set("train.epochs=-1");
  EXPECT_THAT(message_of<InputError>([&] {
                config.table("train").integer("epochs", 1, {1, 100});
              }),
              HasSubstr("got -1 (--set train.epochs=-1)"));
}

TEST(Config, AnErrorInsideATableThatWasSetNamesTheSet) {
  Config config = parse("[data]\nsplit = {trian = 1}\n");
  config.set("data.split.trian=2");
  config.set("data.split={by=\"hash\", trian=1}");
  config.table("data").table("split").text("by", "");
  config.table("data").table("split").number("train", 0.6);

  EXPECT_THAT(message_of<InputError>([&] { config.refuse_unknown(); }),
              HasSubstr("data.split.trian is not a known key (--set data.split={by=\"hash\", trian=1})"));
}

TEST(Config, ATableThatOnlySetWroteNamesTheSet) {
  Config config = parse("[train]\nepochs = 3\n");
  config.set("trian.epochs=4");
  config.table("train").integer("epochs", 1);

  EXPECT_THAT(message_of<InputError>([&] { config.refuse_unknown(); }),
              HasSubstr("trian is not a known key (--set trian.epochs=4)"));
}

TEST(Config, SetTextTakesAnyTextAsItStands) {
  for (const std::string text : {"it's", "a \"b\" = 'c'", "7", "back\\slash", ""}) {
    Config config = parse("[run]\ndir = 'x'\n");
    config.set_text("run.dir", text);

    EXPECT_EQ(config.table("run").required_text("dir"), text);
    EXPECT_EQ(parse(config.resolved()).table("run").text("dir", ""), text);
  }
}

TEST(Config, BrokenTomlNamesTheLine) {
  EXPECT_THAT(message_of<InputError>([] { parse("[train]\nepochs = = 3\n"); }), HasSubstr("unet.toml:2:"));
}

TEST(Config, TheResolvedTextReadsBackTheSame) {
  Config config = parse("[train]\nepochs = 3\n[data]\nsplit = {by = 'hash'}\n");
  config.table("train").integer("epochs", 1);
  config.table("train").number("learning_rate", 1e-3);
  config.table("data").table("split").text("by", "");
  config.table("data").texts("lists", {"a", "b"});

  Config again = parse(config.resolved());

  EXPECT_EQ(again.table("train").integer("epochs", 1), 3);
  EXPECT_DOUBLE_EQ(again.table("train").number("learning_rate", 9), 1e-3);
  EXPECT_EQ(again.table("data").table("split").text("by", ""), "hash");
  EXPECT_EQ(again.table("data").texts("lists", {}), (std::vector<std::string>{"a", "b"}));
}

constexpr const char* kParameters =
    "[[parameter]]\nkey = 'a'\nchoices = [3, 3.0, 'x', true]\n"
    "[[parameter]]\nkey = 'b'\nwhen = {key = 'a', is = [3]}\n";

TEST(Config, TheTablesOfAListComeInOrderWithTheirLines) {
  Config config = parse(kParameters);

  auto parameters = config.tables("parameter");

  ASSERT_EQ(parameters.size(), 2);
  EXPECT_EQ(parameters[0].required_text("key"), "a");
  EXPECT_EQ(parameters[1].required_text("key"), "b");
  EXPECT_EQ(parameters[1].where("key"), "(unet.toml:5)");
  EXPECT_EQ(message_of<InputError>([&] { parameters[1].table("when").refuse("key", "x"); }),
            "parameter[1].when.key must be x, got \"a\" (unet.toml:6)");
  EXPECT_TRUE(config.tables("other").empty());
}

TEST(Config, AListOfScalarsKeepsTheirKinds) {
  Config config = parse(kParameters);
  auto parameter = config.tables("parameter")[0];

  EXPECT_EQ(parameter.scalars("choices", {}),
            (std::vector<Scalar>{std::int64_t{3}, 3.0, std::string("x"), true}));
  EXPECT_EQ(parameter.scalars("none", {false}), (std::vector<Scalar>{false}));
  Config broken = parse("[a]\nlist = [1, {b = 2}]\n");
  EXPECT_THAT(message_of<InputError>([&] { broken.table("a").scalars("list", {}); }),
              HasSubstr("a.list must be a list of numbers, texts, true or false"));
}

TEST(Config, AListOfAnythingButTablesIsRefused) {
  Config config = parse("parameter = [{key = 'a'}, 2]\n");

  EXPECT_THAT(message_of<InputError>([&] { config.tables("parameter"); }),
              HasSubstr("(unet.toml:1). Write [[parameter]]."));
}

TEST(Config, AnUnknownKeyInAListOfTablesIsNamedWithItsLine) {
  Config config = parse("[[parameter]]\nkey = 'a'\n[[parameter]]\nkey = 'b'\nlwo = 1\n");
  for (auto& parameter : config.tables("parameter")) {
    parameter.text("key", "");
    parameter.number("low", 0);
  }

  EXPECT_EQ(message_of<InputError>([&] { config.refuse_unknown(); }),
            "parameter[1].lwo is not a known key (unet.toml:5). Did you mean parameter[1].low?");
}

TEST(Config, AnUnknownListOfTablesIsRefused) {
  Config config = parse("[[paramter]]\nkey = 'a'\n");
  EXPECT_TRUE(config.tables("parameter").empty());

  EXPECT_EQ(message_of<InputError>([&] { config.refuse_unknown(); }),
            "paramter is not a known key (unet.toml:1). Did you mean parameter?");
}

TEST(Config, SetReachesATableOfAListAndNoneThatIsNotThere) {
  Config config = parse(kParameters);
  config.set("parameter[1].key=c");

  auto second = config.tables("parameter")[1];
  EXPECT_EQ(second.text("key", ""), "c");
  EXPECT_EQ(second.where("key"), "(--set parameter[1].key=c)");
  EXPECT_EQ(second.where("when"), "(unet.toml:6)");
  EXPECT_THAT(message_of<InputError>([&] { config.set("parameter[2].key=c"); }),
              HasSubstr("there is no parameter[2]"));
  EXPECT_THAT(message_of<InputError>([&] { config.set("parameter[0]=c"); }), HasSubstr("name a key of it"));
}

TEST(Config, TheResolvedListReadsBackInItsOrder) {
  std::string text;
  for (int i = 0; i < 12; ++i)
    text += "[[parameter]]\nkey = 'k" + std::to_string(i) + "'\nwhen = {is = [1, 2.0]}\n";
  const auto keys_of = [](Config& config) {
    std::vector<std::string> keys;
    for (auto& parameter : config.tables("parameter")) {
      keys.push_back(parameter.text("key", ""));
      EXPECT_EQ(parameter.table("when").scalars("is", {}), (std::vector<Scalar>{std::int64_t{1}, 2.0}));
    }
    return keys;
  };
  Config config = parse(text);
  const auto keys = keys_of(config);

  Config again = parse(config.resolved());

  EXPECT_EQ(keys.size(), 12);
  EXPECT_EQ(keys_of(again), keys);
}

TEST(Config, AMissingFileIsAnInputError) {
  EXPECT_THAT(message_of<InputError>([] { Config::from_file("/nowhere/c.toml"); }),
              HasSubstr("/nowhere/c.toml"));
}

}  // namespace
}  // namespace tessera::core
