// SPDX-License-Identifier: Apache-2.0
#include "core/command_line.hpp"

#include <gmock/gmock.h>

#include "core/log.hpp"

namespace tessera::core {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Example {
  std::string config;
  std::vector<std::string> overrides;
  CommandLine line{"train", "Train a model.", "tessera train cgcnn.toml"};

  ParseResult parse(std::vector<std::string> words) {
    line.positional("CONFIG", config, "configuration");
    line.repeated("--set", overrides, "override one key");
    words.insert(words.begin(), "tessera-train");
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    return line.parse(static_cast<int>(arguments.size()), arguments.data());
  }
};

TEST(CommandLine, ReadsPositionalsAndRepeatedOptions) {
  Example example;

  EXPECT_TRUE(example.parse({"c.toml", "--set", "a=1", "--set", "b=2"}).run);
  EXPECT_EQ(example.config, "c.toml");
  EXPECT_EQ(example.overrides, (std::vector<std::string>{"a=1", "b=2"}));
}

TEST(CommandLine, ARepeatedOptionLeavesWhatFollowsToThePositionals) {
  Example example;

  EXPECT_TRUE(example.parse({"--set", "a=1", "c.toml"}).run);
  EXPECT_EQ(example.config, "c.toml");
}

TEST(CommandLine, HelpHasTheExampleAndEndsWell) {
  const ParseResult result = Example().parse({"--help"});

  EXPECT_FALSE(result.run);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.text, HasSubstr("tessera train cgcnn.toml"));
}

TEST(CommandLine, AnUnknownFlagIsWrongInput) {
  const ParseResult result = Example().parse({"c.toml", "--nonsense"});

  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.text, HasSubstr("--nonsense"));
}

TEST(CommandLine, AMissingArgumentIsNamed) {
  EXPECT_THAT(Example().parse({}).text, HasSubstr("CONFIG"));
}

TEST(CommandLine, AWrongLogLevelIsNamed) {
  EXPECT_THAT(Example().parse({"c.toml", "--log-level", "loud"}).text, HasSubstr("loud"));
  EXPECT_THAT(Example().parse({"c.toml", "--quiet", "--log-level", "loud"}).text, HasSubstr("loud"));
}

TEST(CommandLine, OfQuietAndLogLevelTheStricterStands) {
  const auto heard = [](std::vector<std::string> words) {
    words.insert(words.begin(), "c.toml");
    Example().parse(std::move(words));
    testing::internal::CaptureStderr();
    log::info("an info");
    log::warning("a warning");
    return testing::internal::GetCapturedStderr();
  };

  EXPECT_THAT(heard({"--quiet", "--log-level", "debug"}),
              AllOf(HasSubstr("a warning"), Not(HasSubstr("info"))));
  EXPECT_EQ(heard({"--quiet", "--log-level", "error"}), "");
  EXPECT_THAT(heard({}), HasSubstr("an info"));
}

}  // namespace
}  // namespace tessera::core
