// SPDX-License-Identifier: Apache-2.0
#include "search/space.hpp"

#include <gmock/gmock.h>

#include "core/error.hpp"
#include "search/grid.hpp"
#include "support/expect_error.hpp"

namespace tessera::search {
namespace {

using core::InputError;
using test::message_of;
using ::testing::AllOf;
using ::testing::HasSubstr;

Space parse(const std::string& text) {
  auto config = core::Config::from_text(text, "search.toml");
  Space space = Space::from_config(config);
  config.refuse_unknown();
  return space;
}

// One [[parameter]] table with the key a on lines 1 and 2, `rest` from line 3 on.
std::string refusal(const std::string& rest) {
  return message_of<InputError>([&] { parse("[[parameter]]\nkey = 'a'\n" + rest); });
}

// The parameter b, behind a = 1, 2 or 3, hangs on `when`.
std::string refusal_of_when(const std::string& when) {
  return refusal(
      "type = 'int'\nlow = 1\nhigh = 3\n[[parameter]]\nkey = 'b'\ntype = 'int'\nlow = 1\nhigh = 2\nwhen = " +
      when + "\n");
}

TEST(Space, ReadsEveryKindOfParameterInOrder) {
  const Space space = parse(
      "[[parameter]]\nkey = 'train.learning_rate'\ntype = 'float'\nlow = 1e-4\nhigh = 1\nlog = true\n"
      "[[parameter]]\nkey = 'model.dropout'\ntype = 'float'\nlow = 0\nhigh = 0.3\nstep = 0.1\n"
      "[[parameter]]\nkey = 'model.depth'\ntype = 'int'\nlow = 2\nhigh = 8\nstep = 2\n"
      "[[parameter]]\nkey = 'model.skip'\ntype = 'categorical'\nchoices = ['add', 'none', 3, true]\n"
      "[[parameter]]\nkey = 'model.layer'\ntype = 'int'\nlow = 1\nhigh = 64\nlog = true\n"
      "when = {key = 'model.depth', is = [8, 4]}\n");

  const auto& parameters = space.parameters();
  ASSERT_EQ(parameters.size(), 5);
  EXPECT_EQ(parameters[0].key, "train.learning_rate");
  EXPECT_EQ(parameters[0].distribution, Distribution(FloatDistribution{1e-4, 1, true, {}}));
  EXPECT_EQ(parameters[1].distribution, Distribution(FloatDistribution{0, 0.3, false, 0.1}));
  EXPECT_EQ(parameters[2].distribution, Distribution(IntDistribution{2, 8, 2, false}));
  EXPECT_EQ(parameters[3].distribution,
            Distribution(
                CategoricalDistribution{{std::string("add"), std::string("none"), std::int64_t{3}, true}}));
  EXPECT_EQ(parameters[4].distribution, Distribution(IntDistribution{1, 64, 1, true}));
  EXPECT_EQ(parameters[4].when, (Condition{2, {4, 8}}));
}

TEST(Space, AConditionHoldsOnlyWhereItsParentIsActiveToo) {
  const Space space = parse(
      "[[parameter]]\nkey = 'a'\ntype = 'categorical'\nchoices = ['x', 'y']\n"
      "[[parameter]]\nkey = 'b'\ntype = 'int'\nlow = 1\nhigh = 2\nwhen = {key = 'a', is = ['y']}\n"
      "[[parameter]]\nkey = 'c'\ntype = 'int'\nlow = 1\nhigh = 2\nwhen = {key = 'b', is = [2]}\n");
  const auto& [a, b, c] = std::tie(space.parameters()[0], space.parameters()[1], space.parameters()[2]);
  Settings settings;
  EXPECT_TRUE(space.is_active(a, settings));
  settings["a"] = {a.distribution, 0};
  EXPECT_FALSE(space.is_active(b, settings));
  EXPECT_FALSE(space.is_active(c, settings));
  settings["a"].value = 1;
  EXPECT_TRUE(space.is_active(b, settings));
  settings["b"] = {b.distribution, 1};
  EXPECT_FALSE(space.is_active(c, settings));
  settings["b"].value = 2;
  EXPECT_TRUE(space.is_active(c, settings));
  EXPECT_EQ(space.groups(), (std::vector<std::vector<std::size_t>>{{0}, {1}, {2}}));
}

TEST(Space, ImpossibleFloatsAreRefusedWithLineValueAndRemedy) {
  EXPECT_EQ(
      refusal("type = 'float'\nlow = 1\nhigh = 1\n"),
      "parameter[0].low must be below high = 1, got 1 (search.toml:4). Exchange them, or set a constant "
      "in the base configuration.");
  EXPECT_EQ(
      refusal("type = 'float'\nlow = 0\nhigh = 1\nlog = true\n"),
      "parameter[0].low must be above 0 where log = true, got 0 (search.toml:4). Raise low or remove log.");
  EXPECT_EQ(
      refusal("type = 'float'\nlow = 1\nhigh = 2\nlog = true\nstep = 0.5\n"),
      "parameter[0].step must be absent where log = true, got 0.5 (search.toml:7). Remove step or log.");
  EXPECT_EQ(
      refusal("type = 'float'\nlow = 0\nhigh = 1\nstep = 0.75\n"),
      "parameter[0].step must be a whole part of high - low = 1, got 0.75 (search.toml:6). Set high = 0.75.");
  EXPECT_THAT(refusal("type = 'float'\nlow = 0\nhigh = 1\nstep = 0\n"), HasSubstr("above 0 and at most"));
  EXPECT_THAT(refusal("type = 'float'\nlow = 0\nhigh = 1\nstep = 1e-20\n"), HasSubstr("can be told apart"));
  EXPECT_THAT(refusal("type = 'float'\nlow = 0\nhigh = inf\n"), HasSubstr("high must be finite, got inf"));
  EXPECT_EQ(refusal("type = 'float'\nlow = 0\n"),
            "parameter[0].high must be given for a float (search.toml:1). Add it to this [[parameter]].");
}

TEST(Space, ImpossibleIntsAreRefused) {
  EXPECT_THAT(refusal("type = 'int'\nlow = 3\nhigh = 2\n"),
              HasSubstr("at most high = 2, got 3 (search.toml:4)"));
  EXPECT_THAT(refusal("type = 'int'\nlow = 0\nhigh = 2\nlog = true\n"),
              HasSubstr("at least 1 where log = true"));
  EXPECT_THAT(refusal("type = 'int'\nlow = 1\nhigh = 2\nlog = true\nstep = 1\n"),
              HasSubstr("(search.toml:7)"));
  EXPECT_THAT(refusal("type = 'int'\nlow = 1\nhigh = 8\nstep = 3\n"), HasSubstr("Set high = 7."));
  EXPECT_THAT(refusal("type = 'int'\nlow = 1.5\nhigh = 8\n"), HasSubstr("a whole number, got 1.5"));
}

TEST(Space, ImpossibleChoicesAreRefused) {
  EXPECT_THAT(refusal("type = 'categorical'\nchoices = []\n"),
              HasSubstr("parameter[0].choices must be a list of at least one value, got [] (search.toml:4)"));
  EXPECT_THAT(refusal("type = 'categorical'\nchoices = ['x', 'x']\n"),
              HasSubstr("\"x\" stands there twice."));
  EXPECT_THAT(refusal("type = 'categorical'\nchoices = [1, 1.0]\n"), HasSubstr("1.0 stands there twice."));
  EXPECT_THAT(refusal("type = 'categorical'\nchoices = [{x = 1}]\n"), HasSubstr("must be a list of numbers"));
  EXPECT_THAT(refusal("type = 'categorical'\n"), HasSubstr("choices must be given for a categorical"));
}

TEST(Space, KeysAndTypesAreChecked) {
  EXPECT_EQ(
      refusal("type = 'flaot'\nlow = 0\nhigh = 1\n"),
      "parameter[0].type must be one of float, int, categorical, got \"flaot\" (search.toml:3). Did you "
      "mean float?");
  EXPECT_THAT(
      refusal("type = 'float'\nlow = 0\nhigh = 1\nlgo = true\n"),
      HasSubstr("parameter[0].lgo is not a known key (search.toml:6). Did you mean parameter[0].log?"));
  EXPECT_EQ(refusal("type = 'float'\nlow = 0\nhigh = 1\n[[parameter]]\nkey = 'a'\ntype = 'float'\n"),
            "parameter[1].key must be given once, and is there already (search.toml:2), got \"a\" "
            "(search.toml:7). Remove one of them.");
  EXPECT_THAT(message_of<InputError>([] { parse("[[parameter]]\nkey = 'train..x'\ntype = 'int'\n"); }),
              HasSubstr("a key of the base configuration"));
  EXPECT_THAT(message_of<InputError>([] { parse("x = 1\n"); }), HasSubstr("Add a [[parameter]] table"));
}

TEST(Space, ImpossibleConditionsAreRefused) {
  EXPECT_THAT(refusal_of_when("{key = 'aa', is = [1]}"),
              AllOf(HasSubstr("parameter[1].when.key must be the key of another parameter, got \"aa\""),
                    HasSubstr("(search.toml:11)"), HasSubstr("Did you mean a?")));
  EXPECT_THAT(
      refusal_of_when("{key = 'a', is = [4]}"),
      HasSubstr("parameter[1].when.is must be values that a takes: 1, 2, 3, got [ 4 ] (search.toml:11)"));
  EXPECT_THAT(refusal_of_when("{key = 'a', is = ['1']}"), HasSubstr("values that a takes"));
  EXPECT_THAT(refusal_of_when("{key = 'a', is = []}"), HasSubstr("at least one value"));
  EXPECT_THAT(refusal_of_when("{key = 'a'}"), HasSubstr("List the values"));
  EXPECT_THAT(refusal_of_when("{key = 'b', is = [1]}"), HasSubstr("b → b."));
  EXPECT_THAT(refusal_of_when("{key = 'a', is = [1], not = 2}"),
              HasSubstr("parameter[1].when.not is not a known"));
  EXPECT_THAT(refusal("type = 'float'\nlow = 0\nhigh = 1\n[[parameter]]\nkey = 'b'\ntype = 'int'\nlow = 1\n"
                      "high = 2\nwhen = {key = 'a', is = [0.5]}\n"),
              HasSubstr("a is drawn from a range"));
}

TEST(Space, ALaterParentAndACycleAreToldApart) {
  const std::string tail = "[[parameter]]\nkey = 'b'\ntype = 'int'\nlow = 1\nhigh = 2\n";
  const std::string head = "type = 'int'\nlow = 1\nhigh = 2\nwhen = {key = 'b', is = [1]}\n";
  EXPECT_THAT(refusal(head + tail), HasSubstr("(search.toml:6). Move the [[parameter]] of b up."));
  EXPECT_THAT(refusal(head + tail + "when = {key = 'a', is = [1]}\n"), HasSubstr("a → b → a."));
}

TEST(Grid, HoldsEveryDistinctActiveSettingOnce) {
  const Space space = parse(
      "[[parameter]]\nkey = 'depth'\ntype = 'int'\nlow = 2\nhigh = 4\n"
      "[[parameter]]\nkey = 'third'\ntype = 'categorical'\nchoices = [8, 16]\nwhen = {key = 'depth', is = "
      "[3, 4]}\n"
      "[[parameter]]\nkey = 'fourth'\ntype = 'int'\nlow = 1\nhigh = 3\nwhen = {key = 'third', is = [16]}\n"
      "[[parameter]]\nkey = 'rate'\ntype = 'float'\nlow = 0\nhigh = 0.3\nstep = 0.1\n");
  const Grid grid(space);
  // depth 2: 1; depth 3 and 4: 8 alone, 16 with three of `fourth`: 4 each; times 4 rates.
  ASSERT_EQ(grid.size(), (1 + 4 + 4) * 4);
  std::set<std::string> seen;
  for (std::int64_t i = 0; i < grid.size(); ++i) {
    const Settings settings = grid.point(i);
    EXPECT_EQ(grid.index(settings), i);
    std::string text;
    for (const auto& [key, setting] : settings) text += key + value_text(setting.distribution, setting.value);
    seen.insert(text);
    std::size_t active = 0;
    for (const auto& parameter : space.parameters())
      if (space.is_active(parameter, settings)) {
        ++active;
        EXPECT_TRUE(settings.contains(parameter.key));
      }
    EXPECT_EQ(settings.size(), active);
  }
  EXPECT_EQ(std::ssize(seen), grid.size());
  EXPECT_EQ(grid.point(grid.size() - 1).at("rate").value, 0.3);

  Settings stranger = grid.point(0);
  stranger["fourth"] = {IntDistribution{1, 3}, 1};
  EXPECT_EQ(grid.index(stranger), std::nullopt);
}

TEST(Grid, AFloatWithoutStepAndAnEndlessGridAreRefused) {
  const Space floating = parse("[[parameter]]\nkey = 'rate'\ntype = 'float'\nlow = 0\nhigh = 1\n");
  EXPECT_THAT(message_of<InputError>([&] { Grid{floating}; }), HasSubstr("rate has none. Give it one"));
  std::string many;
  for (int i = 0; i < 4; ++i)
    many += "[[parameter]]\nkey = 'k" + std::to_string(i) + "'\ntype = 'int'\nlow = 1\nhigh = 1000000\n";
  const Space endless = parse(many);
  EXPECT_THAT(message_of<InputError>([&] { Grid{endless}; }), HasSubstr("at most 2^53 points"));
}

}  // namespace
}  // namespace tessera::search
