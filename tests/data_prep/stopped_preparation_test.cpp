// SPDX-License-Identifier: Apache-2.0
// A preparation that is told to stop: by a signal to one of its ranks, or by the end of its job's time.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>

#include "core/text.hpp"
#include "data_prep/made_crystals.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr int kShards = 60;

struct Stopped {
  ProgramResult result;
  bool is_put_back = false;  // as the batch script would see it
};

class StoppedPreparation : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TemporaryFolder;
    write_crystals(folder->path(), 4 * kShards);
    expect_success(prep_command(folder->path(), *folder / "reference"));
  }
  static void TearDownTestSuite() { delete folder; }

  static long num_commits(const fs::path& out) {
    const auto commits = fs::directory_iterator(out / ".commits");
    return std::count_if(begin(commits), end(commits), [](const auto& entry) {
      return entry.path().filename().string().starts_with("shard-") && entry.path().extension() == ".json";
    });
  }

  // Sends `signals` ("kill -TERM $(cat rank0)") once some shards stand. One that comes after the end, on a
  // busy machine, says nothing, and is tried again.
  static Stopped stopped_by(const std::string& signals, int ranks, const fs::path& out) {
    const auto marker = *folder / "marker";
    const auto ranked = "bash -c 'cd " + folder->path().string() +
                        "; echo $$ >rank$OMPI_COMM_WORLD_RANK; exec " + prep_command(folder->path(), out) +
                        "'";
    for (int attempt = 0; attempt < 10; ++attempt) {
      fs::remove_all(out);
      fs::remove(marker);
      const auto result =
          run_program("cd " + folder->path().string() + "; TESSERA_REQUEUE_FILE=" + marker.string() + " " +
                      under_mpirun(ranks, ranked) + " & job=$!; until [ $(ls " + out.string() +
                      "/.commits/shard-*.json 2>/dev/null | wc -l) -ge 3 ] || ! kill -0 $job; do sleep "
                      "0.002; done; " +
                      signals + "; wait $job");
      if (result.exit_code != 0) return {result, fs::exists(marker)};
    }
    ADD_FAILURE() << "never stopped before its end";
    return {};
  }

  // It ended with whole shards and the others left, and the same command makes only those.
  static void expect_gone_on_with(const Stopped& stopped, int ranks, const fs::path& out) {
    EXPECT_EQ(stopped.result.exit_code, 3) << stopped.result.err;
    const auto left = core::parse_integer(value_of(stopped.result.out, "left")).value_or(-1);
    EXPECT_THAT(stopped.result.err,
                HasSubstr(fmt::format("{} of {} shards made, {} are left", kShards - left, kShards, left)));
    EXPECT_GT(left, 0);
    EXPECT_EQ(num_commits(out), kShards - left);
    EXPECT_FALSE(fs::exists(out / "manifest.json"));

    const auto again = expect_success(under_mpirun(ranks, prep_command(folder->path(), out)));

    EXPECT_THAT(again.err, HasSubstr(fmt::format("{} of {} shards made, the others stood", left, kShards)));
    EXPECT_EQ(hashes_of(out), hashes_of(*folder / "reference"));
  }

  inline static TemporaryFolder* folder = nullptr;
};

TEST_F(StoppedPreparation, EndsAtTheSignalOfOneRankWithWholeShards) {
  for (const int ranks : {1, 2, 3}) {
    const auto out = *folder / fmt::format("ended{}", ranks);
    const auto stopped = stopped_by(fmt::format("kill -TERM $(cat rank{})", ranks - 1), ranks, out);

    EXPECT_FALSE(stopped.is_put_back) << ranks;
    expect_gone_on_with(stopped, ranks, out);
  }
}

TEST_F(StoppedPreparation, GoesBackIntoTheQueueWhereAskedBeforeTheEndOfItsTime) {
  for (const int ranks : {1, 2, 3}) {
    const auto out = *folder / fmt::format("queued{}", ranks);
    const auto stopped = stopped_by(fmt::format("kill -USR1 $(cat rank{})", ranks / 2), ranks, out);

    EXPECT_TRUE(stopped.is_put_back) << ranks;
    expect_gone_on_with(stopped, ranks, out);
  }
}

TEST_F(StoppedPreparation, IsNotStartedAgainWhereAnyRankIsToldToEnd) {
  const auto out = *folder / "both";
  const auto stopped = stopped_by("kill -TERM $(cat rank2); kill -USR2 $(cat rank0)", 3, out);

  EXPECT_FALSE(stopped.is_put_back);
  expect_gone_on_with(stopped, 2, out);  // whatever number of ranks goes on
}

TEST_F(StoppedPreparation, IsNotStartedAgainWhereItMadeNothing) {
  const auto out = *folder / "late", marker = *folder / "marker";
  fs::remove(marker);
  const auto late = run_program("SLURM_JOB_END_TIME=1700000000 TESSERA_REQUEUE_FILE=" + marker.string() +
                                " " + under_mpirun(2, prep_command(folder->path(), out)));  // 2023

  EXPECT_EQ(late.exit_code, 3);
  EXPECT_THAT(late.err, HasSubstr(fmt::format("0 of {} shards made, {} are left", kShards, kShards)));
  EXPECT_FALSE(fs::exists(marker));
}

TEST_F(StoppedPreparation, EndsAsEverWhereAllShardsStand) {
  const auto out = *folder / "whole";
  expect_success(prep_command(folder->path(), out));
  const auto again = run_program("SLURM_JOB_END_TIME=$(( $(date +%s) + 3600 )) " +
                                 under_mpirun(2, prep_command(folder->path(), out)));

  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(hashes_of(out), hashes_of(*folder / "reference"));
}

}  // namespace
}  // namespace tessera::test
