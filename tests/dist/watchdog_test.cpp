// SPDX-License-Identifier: Apache-2.0
#include "dist/watchdog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dist/job_outcome.hpp"

namespace tessera::dist {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// One rank of three never comes to the collective: how it is described, and that all ends soon.
void expect_named(const std::string& ending, const std::string& standing) {
  const auto job = run_failing_job(3, ending + " --timeout 1");

  EXPECT_NE(job.exit_code, 0);
  EXPECT_NE(job.exit_code, 124) << "had to be stopped from outside";
  EXPECT_LT(job.seconds, 12);
  EXPECT_THAT(job.output, AllOf(HasSubstr("'loss of the step' (call 3 on world) has not finished for"),
                                HasSubstr("2 of 3 ranks have arrived"), HasSubstr("rank 1 on "),
                                HasSubstr(standing), HasSubstr("dist.hang_timeout")));
  EXPECT_EQ(count_of(job.output, "has not finished for"), 1) << job.output;
}

TEST(Watchdog, NamesARankThatSleeps) {
  expect_named("asleep", "is missing: in no collective; the last was 'batch order' (call 2 on world)");
}

TEST(Watchdog, NamesARankThatIsStopped) {
  expect_named("frozen", "is missing: gives no answer");
}

TEST(Watchdog, NamesARankThatSpins) {
  expect_named("spinning", "is missing: in no collective");
}

TEST(Watchdog, TellsWhereAMissingRankWaitsInstead) {
  const auto job = run_failing_job(3, "astray --timeout 1");

  EXPECT_NE(job.exit_code, 0);
  EXPECT_LT(job.seconds, 12);
  EXPECT_THAT(job.output, AnyOf(HasSubstr("is missing: waiting in 'validation'"),
                                HasSubstr("is missing: waiting in 'loss of the step'")))
      << job.output;
}

TEST(Watchdog, LetsAJobLiveWhoseCollectivesFinish) {
  const auto job = run_failing_job(2, "slow --timeout 0.7");

  EXPECT_EQ(job.exit_code, 0);
  EXPECT_THAT(job.output, Not(HasSubstr("has not finished")));
}

TEST(Watchdog, ReportsACallMadeInPlaceOfAnotherAndAnUnexplainedHang) {
  const Wait wait{"world", 7, "loss", {}};
  const std::vector<Peer> peers{{"n1", {}}, {"n2", {}}};
  const Standing same{7, "loss", "waiting in 'loss'"}, other{7, "barrier", "waiting in 'barrier'"};

  EXPECT_THAT(hang_report(wait, 600, {0, 1}, peers, {same, other}),
              HasSubstr("rank 1 on n2 made another call in its place: waiting in 'barrier'"));
  EXPECT_THAT(hang_report(wait, 600, {0, 1}, peers, {same, same}),
              HasSubstr("All ranks are in it: MPI or the network is stuck."));
}

}  // namespace
}  // namespace tessera::dist
