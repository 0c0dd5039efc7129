// SPDX-License-Identifier: Apache-2.0
// tessera submit, with an sbatch that keeps what it was given; a real one in tests/slurm.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "core/file.hpp"
#include "support/run_program.hpp"

namespace tessera {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class Submit : public testing::Test {
 protected:
  Submit() {
    std::ofstream(folder / "sbatch") << "#!/bin/sh\necho \"$@\" >" << (folder / "given").string()
                                     << "; echo '17;here'\n";
    fs::permissions(folder / "sbatch", fs::perms::owner_all);
  }
  test::ProgramResult submit(const std::string& arguments) const {
    return test::run_program("cd " + folder.path().string() + "; PATH=" + folder.path().string() + ":$PATH " +
                             test::program_path("tessera-submit") + " " + arguments);
  }
  test::TemporaryFolder folder;
};

TEST_F(Submit, WritesTheScriptWithItsOptionsAndWordsAndHandsItToSbatch) {
  const auto result = submit(
      "train 'my config.toml' --set data.target='it'\"'\"'s' --nodes 4 --gpus 8 --time 2-0 --sbatch "
      "exclusive "
      "--sbatch qos=long --script job.sbatch");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "job=17 script=job.sbatch\n");
  EXPECT_EQ(core::read_file(folder / "given"), "--parsable job.sbatch\n");
  const std::string script = core::read_file(folder / "job.sbatch");
  for (const char* line :
       {"#SBATCH --nodes=4\n", "#SBATCH --gpus-per-node=8\n", "#SBATCH --time=2-0\n", "#SBATCH --exclusive\n",
        "#SBATCH --qos=long\n", "run train 'my config.toml' --set 'data.target=it'\"'\"'s'"})
    EXPECT_THAT(script, HasSubstr(line));
  EXPECT_THAT(script, Not(HasSubstr("--nodes=1\n")));
  EXPECT_EQ(test::run_program("bash -n " + (folder / "job.sbatch").string()).exit_code, 0);
}

TEST_F(Submit, PrintsItOnlyWhenAskedTo) {
  const auto result = submit("search sweep.toml --array 1-8%4 --dry-run");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("#SBATCH --array=1-8%4\n"));
  EXPECT_THAT(result.out, HasSubstr("run search --join sweep.toml\n"));
  EXPECT_FALSE(fs::exists(folder / "given"));
}

TEST_F(Submit, SaysWhatItCannotDo) {
  const auto verb = submit("evaluate runs/k");
  EXPECT_EQ(verb.exit_code, 2);
  EXPECT_THAT(verb.err, HasSubstr("one of the verbs train, search, prep, got \"evaluate\""));
  std::ofstream(folder / "sbatch") << "#!/bin/sh\necho 'invalid partition' >&2; exit 1\n";
  const auto refused = submit("train c.toml --script job.sbatch");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("invalid partition"));
  EXPECT_THAT(refused.err, HasSubstr("sbatch --parsable job.sbatch failed"));
}

}  // namespace
}  // namespace tessera
