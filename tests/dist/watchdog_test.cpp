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

TEST(Watchdog, DumpsWhereEachRankStands) {
  for (const int ranks : {2, 3}) {
    const auto job = run_failing_job(ranks, "spinning --timeout 1");

    EXPECT_THAT(
        job.output,
        AllOf(HasSubstr(ranks == 2 ? "\n  waiting in it: rank 0 on " : "\n  waiting in it: ranks 0, 2 on "),
              HasSubstr("  called 'batch order' (call 2 on world) "), HasSubstr(" s ago, took "),
              HasSubstr("  called 'loss of the step' (call 3 on world) "), HasSubstr(" s ago, not done")));
    // The one that is missing comes first, and its loop at the top of its stack.
    const auto loop = job.output.find("\n  at tessera::count_grains_for_ever\n");
    ASSERT_NE(loop, std::string::npos) << job.output;
    EXPECT_LT(job.output.find("\nrank 1 on "), loop);
    EXPECT_LT(loop, job.output.find("\nrank 0 on "));
    EXPECT_EQ(count_of(job.output, "\n  at tessera::dist::Communicator::barrier\n"), ranks - 1) << job.output;
    EXPECT_EQ(count_of(job.output, "\n  at main\n"), ranks) << job.output;
  }
}

TEST(Watchdog, SaysOfARankInACallThatTakesNoSignalWhatTheKernelSays) {
  const auto job = run_failing_job(3, "uninterruptible --timeout 1");

  EXPECT_LT(job.seconds, 12);
  EXPECT_THAT(job.output, AllOf(HasSubstr("rank 1 on "), HasSubstr("is missing: in no collective"),
                                HasSubstr("\n  at a system call that takes no signal (state D")));
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
    EXPECT_THAT(job.output, AllOf(HasSubstr("2 of 3 ranks answer"), HasSubstr("is missing: gives no answer"),
                                  HasSubstr("answering: rank"), Not(HasSubstr("\n  at "))))
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

TEST(HangReport, NamesThoseThatWaitByHostAndDumpsTheOthersFirst) {
  const Wait wait{"world", 7, "loss", Patience::Limited, {}, {}};
  std::vector<int> members;
  std::vector<Peer> peers;
  std::vector<std::optional<Standing>> answers;
  for (int rank = 0; rank < 100; ++rank) {
    members.push_back(rank);
    peers.push_back({rank < 60 ? "n1" : "n2", {}});
    answers.push_back(Standing{7, 7, "loss", "waiting in 'loss'"});
  }
  answers[4] = std::nullopt;
  answers[70] = Standing{6, 0, "forward", "in no collective"};

  const auto asked = ranks_to_dump(wait, members, answers);
  answers[70]->dump = {"in no collective now", "at spin", "at main"};
  answers[0]->dump = {"waiting", "at main"};
  const auto report = hang_report(wait, 600, members, peers, answers);

  EXPECT_THAT(report, HasSubstr("98 of 100 ranks have arrived."));
  EXPECT_THAT(report, HasSubstr("\n  waiting in it: ranks 0-3, 5-59 on n1; ranks 60-69, 71-99 on n2\n"));
  EXPECT_THAT(
      report,
      HasSubstr("\nrank 70 on n2: in no collective now\n  at spin\n  at main\nrank 0 on n1: waiting\n"));
  ASSERT_EQ(asked.size(), 32U);
  EXPECT_EQ(asked.front(), 70);
  EXPECT_THAT(asked, Not(testing::Contains(4)));  // it answers nothing
}

}  // namespace
}  // namespace tessera::dist
