// SPDX-License-Identifier: Apache-2.0
#include "dist/run_job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dist/job_outcome.hpp"

namespace tessera::dist {
namespace {

using testing::HasSubstr;

constexpr const char* kMessage = "cutoff must be positive, got -1";

TEST(RunJob, RunsWithAndWithoutALauncher) {
  const auto alone = run_failing_job(0, "well");
  const auto three = run_failing_job(3, "well");

  EXPECT_EQ(alone.exit_code, 0);
  EXPECT_EQ(alone.output, "rank 0 of 1\n");
  EXPECT_EQ(three.exit_code, 0);
  EXPECT_THAT(three.output, HasSubstr("rank 2 of 3"));
}

TEST(RunJob, ReturnsTheBodysCodeOnAllRanks) {
  EXPECT_EQ(run_failing_job(2, "stopped").exit_code, 3);
}

TEST(RunJob, SaysAnErrorOfOneRankThatAllAgreedOnOnce) {
  const auto job = run_failing_job(3, "together");

  EXPECT_EQ(job.exit_code, 2);
  EXPECT_EQ(count_of(job.output, kMessage), 1) << job.output;
  EXPECT_THAT(job.output, HasSubstr("(rank 1 on "));
  EXPECT_THAT(job.output, Not(HasSubstr("MPI_ABORT")));
}

TEST(RunJob, SaysAnErrorThatAllRanksHitOnce) {
  const auto job = run_failing_job(3, "all");

  EXPECT_EQ(job.exit_code, 2);
  EXPECT_EQ(count_of(job.output, kMessage), 1) << job.output;
}

TEST(RunJob, AnErrorOfOneRankEndsAllWithinSeconds) {
  const auto job = run_failing_job(3, "alone");

  EXPECT_EQ(job.exit_code, 2);
  EXPECT_LT(job.seconds, 6);
  EXPECT_EQ(count_of(job.output, kMessage), 1) << job.output;
  EXPECT_THAT(job.output, HasSubstr("rank 2: "));
  EXPECT_THAT(job.output, HasSubstr("the other ranks are stopped"));
}

TEST(RunJob, AnyOtherExceptionEndsAllWithCodeOne) {
  const auto job = run_failing_job(2, "memory");

  EXPECT_EQ(job.exit_code, 1);
  EXPECT_LT(job.seconds, 6);
  EXPECT_THAT(job.output, HasSubstr("out of memory"));
}

TEST(RunJob, AnErrorAfterTheOthersHaveFinishedStillFails) {
  const auto job = run_failing_job(2, "late");

  EXPECT_EQ(job.exit_code, 2);
  EXPECT_EQ(count_of(job.output, kMessage), 1) << job.output;
}

TEST(RunJob, AnMpiErrorInAWorkQueueEndsAllInWords) {
  const auto job = run_failing_job(3, "broken_queue");

  EXPECT_EQ(job.exit_code, 1);
  EXPECT_LT(job.seconds, 6);
  EXPECT_EQ(count_of(job.output, "MPI_Improbe failed in 'questions' on rank 1"), 1) << job.output;
}

TEST(RunJob, ASignalOnlySetsTheFlagWhereTheBodyWatchesForIt) {
  const auto job = run_failing_job(2, "signal");

  EXPECT_EQ(job.exit_code, 3);
  EXPECT_THAT(job.output, HasSubstr("signal 1"));
}

TEST(RunJob, ASignalEndsAJobThatDoesNotWatchForIt) {
  const auto alone = run_failing_job(0, "unheeding");
  const auto two = run_failing_job(2, "unheeding");

  EXPECT_NE(alone.exit_code, 0);
  EXPECT_NE(two.exit_code, 0);
  EXPECT_THAT(two.output, HasSubstr("signal 15"));
}

TEST(RunJob, RefusesAWrongCommandLineOnceWithCodeTwo) {
  const auto job = run_failing_job(2, "well --colour");

  EXPECT_EQ(job.exit_code, 2);
  EXPECT_EQ(count_of(job.output, "--colour"), 1) << job.output;
}

}  // namespace
}  // namespace tessera::dist
