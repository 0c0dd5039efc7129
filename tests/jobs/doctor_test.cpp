// SPDX-License-Identifier: Apache-2.0
// tessera doctor, alone and under mpirun; over the nodes of a Slurm in tests/slurm.
#include <gmock/gmock.h>

#include "jobs/gpu_peers.hpp"
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
                    HasSubstr("MB/s"), HasSubstr(" GPU peers: "), HasSubstr("checks=")));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Doctor, SeesTasksOfSlurmThatAreEachAlone) {
  const auto alone =
      run_program("SLURM_STEP_NUM_TASKS=4 " + program_path("tessera-doctor") + " --folder /tmp");
  EXPECT_THAT(alone.out, HasSubstr("TO DO ranks: 1 on 1 node"));
  EXPECT_THAT(alone.out, HasSubstr("Slurm has started 4 tasks, each alone with its own MPI"));
  EXPECT_THAT(alone.out, Not(HasSubstr("to_do=0")));
}

TEST(Doctor, NamesThePairsOfGpusThatDoNotReachEachOther) {
  using jobs::describe_gpu_peers;
  const auto never = [](int, int) { return false; };
  const auto halves = [](int gpu, int other) { return gpu / 2 == other / 2; };
  const auto one_way = [](int gpu, int other) { return gpu < other; };

  EXPECT_EQ(describe_gpu_peers(4, 4, [](int, int) { return true; }).found,
            "all 6 pairs of 4 GPUs read each other's memory");
  const auto mixed = describe_gpu_peers(4, 4, halves);
  EXPECT_EQ(mixed.found, "pairs that read each other's memory: 0-1, 2-3; that do not: 0-2, 0-3, 1-2, 1-3");
  EXPECT_THAT(mixed.remedy, HasSubstr("nvidia-smi topo -m"));
  EXPECT_EQ(describe_gpu_peers(2, 2, one_way).found,
            "pairs that read each other's memory: none; that do not: 0-1");
  // Nothing to do where there is nothing to reach, or where it cannot be seen.
  EXPECT_EQ(describe_gpu_peers(0, 0, never).remedy, "");
  EXPECT_EQ(describe_gpu_peers(1, 1, never).remedy, "");
  EXPECT_THAT(describe_gpu_peers(4, 1, never).found, HasSubstr("a rank sees 1 of 4 GPUs"));
}

TEST(Doctor, SaysWhereNothingCanBeWritten) {
  const auto refused = run_program(program_path("tessera-doctor") + " --folder /proc");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("cannot write 64 MB to /proc/.tessera-doctor"));
}

}  // namespace
}  // namespace tessera
