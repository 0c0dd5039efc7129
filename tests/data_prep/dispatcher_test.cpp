// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <sstream>

#include "data_prep/made_crystals.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::test {
namespace {

using ::testing::HasSubstr;

ProgramResult tessera(const std::string& words) {
  return run_program(program_path("tessera") + " " + words);
}

TEST(Dispatcher, ListsItsVerbs) {
  const auto result = tessera("--help");

  EXPECT_EQ(result.exit_code, 0);
  for (const auto* verb : {"prep crystals", "synth crystals", "synth micrographs", "train", "evaluate",
                           "predict", "inspect", "verify"})
    EXPECT_THAT(result.out, HasSubstr(std::string("tessera ") + verb));
}

TEST(Dispatcher, ListsNoVerbThatIsNotThere) {
  std::istringstream lines(tessera("--help").out);
  int verbs = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("  tessera ")) continue;
    const std::string verb = line.substr(10, line.find("  ", 10) - 10);
    const auto result = tessera(verb + " --help");
#ifndef TESSERA_WITH_TORCH
    if (verb == "train" || verb == "evaluate" || verb == "predict") continue;  // not of such a build
#endif
    ++verbs;
    EXPECT_EQ(result.exit_code, 0) << verb << ": " << result.err;
    EXPECT_THAT(result.out, HasSubstr("tessera " + verb));
  }
  EXPECT_GE(verbs, 5);
}

TEST(Dispatcher, PassesArgumentsAndExitCodeOn) {
  const TemporaryFolder folder;
  write_crystals(folder.path(), 1);

  const auto prepared = tessera("prep crystals --input " + (folder / "cifs").string() + " --out '" +
                                (folder / "with blank").string() + "'");
  const auto missing = tessera("inspect " + (folder / "none").string());

  EXPECT_EQ(prepared.exit_code, 0) << prepared.err;
  EXPECT_EQ(value_of(prepared.out, "records"), "1");
  EXPECT_TRUE(std::filesystem::exists(folder / "with blank/manifest.json"));
  EXPECT_EQ(missing.exit_code, 2);
}

TEST(Dispatcher, SaysItsVersion) {
  const auto result = tessera("--version");

  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, ::testing::StartsWith("tessera 0."));
}

TEST(Dispatcher, NamesTheNearestVerb) {
  const auto verb = tessera("verfy dataset");
  const auto second = tessera("prep crystal");
  const auto none = tessera("");

  EXPECT_EQ(verb.exit_code, 2);
  EXPECT_THAT(verb.err, HasSubstr("no verb \"verfy\"; did you mean \"verify\"?"));
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.err, HasSubstr("did you mean \"prep crystals\"?"));
  EXPECT_EQ(none.exit_code, 2);
}

}  // namespace
}  // namespace tessera::test
