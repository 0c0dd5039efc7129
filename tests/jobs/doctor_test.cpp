// SPDX-License-Identifier: Apache-2.0
// tessera doctor, alone and under mpirun; over the nodes of a Slurm in tests/slurm.
#include <gmock/gmock.h>

#include "support/run_program.hpp"

namespace tessera {
namespace {

using test::program_path;
using test::run_program;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Doctor, LooksAtRanksNodesAndDisk) {
  const test::TemporaryFolder folder;
  const auto three = run_program(
      test::under_mpirun(3, program_path("tessera-doctor") + " --folder " + folder.path().string()));
  EXPECT_EQ(three.exit_code, 0) << three.err;
  EXPECT_THAT(three.out,
              AllOf(HasSubstr("fine  ranks: 3 on 1 node"), HasSubstr("within a node ("), HasSubstr(" GB/s"),
                    HasSubstr("fine  clocks apart: 0.0"), HasSubstr("fine  locks there: flock works"),
                    HasSubstr("MB/s"), HasSubstr("checks=")));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Doctor, SeesTasksOfSlurmThatAreEachAlone) {
  const auto alone =
      run_program("SLURM_STEP_NUM_TASKS=4 " + program_path("tessera-doctor") + " --folder /tmp");
  EXPECT_THAT(alone.out, HasSubstr("TO DO ranks: 1 on 1 node"));
  EXPECT_THAT(alone.out, HasSubstr("Slurm has started 4 tasks, each alone with its own MPI"));
  EXPECT_THAT(alone.out, Not(HasSubstr("to_do=0")));
}

TEST(Doctor, SaysWhereNothingCanBeWritten) {
  const auto refused = run_program(program_path("tessera-doctor") + " --folder /proc");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("cannot write 64 MB to /proc/.tessera-doctor"));
}

}  // namespace
}  // namespace tessera
