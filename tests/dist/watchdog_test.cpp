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

TEST(Watchdog, NamesARankThatBeganTheCallAndLeftIt) {
  const auto job = run_failing_job(3, "async --timeout 1");

  EXPECT_NE(job.exit_code, 0);
  EXPECT_LT(job.seconds, 12);
  EXPECT_THAT(job.output, AllOf(HasSubstr("'gradients' (call 2 on world) has not finished for"),
                                HasSubstr("rank 0 on "), HasSubstr("has begun it, but does not wait in it")));
  EXPECT_EQ(count_of(job.output, "has not finished for"), 1) << job.output;
}

TEST(BackgroundWatch, NamesARankThatNeverEnqueuedTheCall) {
  const auto job = run_failing_job(3, "stream --timeout 1");

  EXPECT_NE(job.exit_code, 0);
  EXPECT_LT(job.seconds, 12);
  EXPECT_THAT(job.output,
              AllOf(HasSubstr("'gradients' (call 3 on world) has not finished for"), HasSubstr("rank 1 on "),
                    HasSubstr("is missing: in no collective; the last was 'batch order' (call 2 on world)")));
  EXPECT_EQ(count_of(job.output, "has not finished for"), 1) << job.output;
}

TEST(BackgroundWatch, LetsGoOfACallThatIsDone) {
  const auto job = run_failing_job(2, "stream_done --timeout 0.7");

  EXPECT_EQ(job.exit_code, 0) << job.output;
}

TEST(BackgroundWatch, AnErrorBehindOurBackEndsTheJobInWords) {
  const auto job = run_failing_job(2, "stream_error");

  EXPECT_NE(job.exit_code, 0);
  EXPECT_LT(job.seconds, 10);
  EXPECT_THAT(job.output,
              AllOf(HasSubstr("rank 1: 'gradients' failed on "), HasSubstr("remote process exited")));
}

TEST(Watchdog, AnotherRankSpeaksWhereTheFirstDoesNot) {
  const auto job = run_failing_job(3, "hesitant --timeout 1");

  EXPECT_NE(job.exit_code, 0);
  EXPECT_LT(job.seconds, 15);
  EXPECT_THAT(job.output, AllOf(HasSubstr("rank 2: 'loss of the step'"), HasSubstr("rank 1 on ")));
}

TEST(Watchdog, LetsRanksBeApartInSharesTasksAndAtTheEnd) {
  const auto job = run_failing_job(3, "uneven --timeout 0.7");

  EXPECT_EQ(job.exit_code, 0) << job.output;
  EXPECT_THAT(job.output, Not(HasSubstr("has not finished")));
}

TEST(Watchdog, NamesARankThatIsStoppedInItsShareOrTaskOrBeforeTheEnd) {
  for (const std::string where : {"share", "task", "end"}) {
    const auto job = run_failing_job(3, "frozen_" + where + " --timeout 1");

    EXPECT_NE(job.exit_code, 0);
    EXPECT_NE(job.exit_code, 124) << "had to be stopped from outside";
    EXPECT_LT(job.seconds, 12);
    EXPECT_THAT(job.output, AllOf(HasSubstr("2 of 3 ranks answer"), HasSubstr("is missing: gives no answer")))
        << where;
  }
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
  const Wait wait{"world", 7, "loss", Patience::Limited, {}, {}};
  const std::vector<Peer> peers{{"n1", {}}, {"n2", {}}};
  const Standing same{7, 7, "loss", "waiting in 'loss'"}, other{7, 7, "barrier", "waiting in 'barrier'"};
  const Standing left{7, 0, "loss", "in no collective"};

  EXPECT_THAT(hang_report(wait, 600, {0, 1}, peers, {same, other}),
              HasSubstr("rank 1 on n2 made another call in its place: waiting in 'barrier'"));
  EXPECT_THAT(hang_report(wait, 600, {0, 1}, peers, {same, same}),
              HasSubstr("All ranks are in it: MPI or the network is stuck."));
  EXPECT_THAT(hang_report(wait, 600, {0, 1}, peers, {same, left}),
              AllOf(HasSubstr("rank 1 on n2 has begun it, but does not wait in it: in no collective"),
                    Not(HasSubstr("All ranks are in it"))));
}

}  // namespace
}  // namespace tessera::dist
