// SPDX-License-Identifier: Apache-2.0
// Jobs of hosts that are not there, in virtual time; and real processes, killed.
#include "search/shared_study.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>

#include "child_process.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "described_study.hpp"
#include "search/trials_table.hpp"
#include "support/expect_error.hpp"

namespace tessera::search {
namespace {

namespace fs = std::filesystem;
using test::message_of;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kBegin = 1'700'000'000;

Settings settings_of(double x) {
  return {{"lr", {FloatDistribution{0, 1, false, {}}, x}},
          {"norm", {CategoricalDistribution{{std::string("batch"), std::string("group")}}, 1}}};
}

Settings as_it_is(const Trial& trial) {
  return trial.settings;
}

class SharedStudyTest : public testing::Test {
 protected:
  StudyOptions job_on(const std::string& host, bool join = true) {
    StudyOptions options;
    options.job = {{host, "kernel of " + host, 7, 1}, ""};
    options.join = join;
    options.lease_seconds = 300;
    options.clock = [this] { return now; };
    return options;
  }
  // Not moved, or its lease would end with what it was moved from.
  std::unique_ptr<SharedStudy> open(const StudyOptions& options) {
    return std::make_unique<SharedStudy>(folder / "study", description, options);
  }
  Study on_disk() const {
    Journal reader(path, description.name, "reader");
    reader.refresh();
    return *reader.study();
  }

  test::TemporaryFolder folder;
  fs::path path = folder / "study" / "journal.log";
  double now = kBegin;
  StudyDescription description{
      "unet", Direction::kMinimize, {{"metric", "validation_iou"}, {"model.depth", "int, 2 to 5"}}};
};

TEST_F(SharedStudyTest, ASecondJobMustAskToJoin) {
  auto first_options = job_on("node1");
  first_options.job.slurm = "4711_3";
  auto first = open(first_options);
  EXPECT_THAT(
      message_of<core::InputError>([&] { open(job_on("node2", false)); }),
      AllOf(HasSubstr("process 7 on node1 (Slurm job 4711_3)"), HasSubstr("300 s"), HasSubstr("--join")));
  open(job_on("node2"));
  now += 299;
  EXPECT_THROW(open(job_on("node2", false)), core::InputError);
  first->renew_lease();
  now += 299;
  EXPECT_THROW(open(job_on("node2", false)), core::InputError);
  now += 2;  // the renewed lease ran out
  open(job_on("node2", false));
  first->renew_lease();
  EXPECT_THROW(open(job_on("node2", false)), core::InputError);
  first.reset();  // left
  open(job_on("node2", false));
}

// Its node, and with it what could say that it is dead, may be gone; Slurm starts it again only once it is.
TEST_F(SharedStudyTest, WhatAnEarlierStartOfTheSameSlurmJobHadIsTakenUpAtOnce) {
  auto options = job_on("node1");
  options.job.slurm = "4711_3";
  auto first = open(options);
  first->transact([](StudyChanges& changes) { changes.start(settings_of(0.25)); });
  ::setenv("SLURM_JOB_ID", "4711_3", 1);
  for (const char* restarts : {"0", "1"}) {
    ::setenv("SLURM_RESTART_COUNT", restarts, 1);
    auto again = open(job_on("node2"));
    std::optional<std::int64_t> taken;
    again->transact([&](StudyChanges& changes) { taken = changes.claim_waiting(as_it_is); });
    EXPECT_EQ(taken.has_value(), restarts == std::string("1"));
  }
  ::unsetenv("SLURM_JOB_ID");
  ::unsetenv("SLURM_RESTART_COUNT");
}

TEST_F(SharedStudyTest, AnotherStudyIsRefusedNamingWhatDiffers) {
  open(job_on("a"));
  const auto refused = [&] { return message_of<core::InputError>([&] { open(job_on("a")); }); };
  const StudyDescription ours = description;
  description.facts["model.depth"] = "int, 2 to 7";
  EXPECT_THAT(refused(), AllOf(HasSubstr((folder / "study").string()),
                               HasSubstr("model.depth is 'int, 2 to 5' there and 'int, 2 to 7' here")));
  description = ours;
  description.facts["model.layer"] = "int, 2 to 7";
  EXPECT_THAT(refused(), HasSubstr("model.layer is not given there and 'int, 2 to 7' here"));
  description = ours;
  description.direction = Direction::kMaximize;
  EXPECT_THAT(refused(), HasSubstr("direction is 'minimize' there and 'maximize' here"));
  description = ours;
  description.name = "other";
  EXPECT_THAT(refused(), HasSubstr("holds a study 'unet', not 'other'"));
  description = ours;
  open(job_on("a"));
}

TEST_F(SharedStudyTest, AStudyOfSomebodyElseIsRefused) {
  core::make_folder(folder / "study");
  Journal journal(path, "unet", "w");
  journal.transact([](JournalBatch& batch) {
    batch.create_study(Direction::kMinimize);
    batch.create_trial(Trial{});
  });
  EXPECT_THAT(message_of<core::InputError>([&] { open(job_on("a")); }),
              HasSubstr("no search of Tessera made"));
}

TEST_F(SharedStudyTest, WhatAJobDoesStandsInTheJournal) {
  auto job = open(job_on("a"));
  job->transact([](StudyChanges& changes) {
    EXPECT_EQ(changes.start(settings_of(0.25)), 0);
    EXPECT_EQ(changes.start(settings_of(0.5)), 1);
    EXPECT_EQ(changes.start(settings_of(0.75)), 2);
    EXPECT_EQ(changes.study().trials.size(), 3u);
  });
  now += 60;
  job->transact([](StudyChanges& changes) {
    for (int epoch = 1; epoch <= 2; ++epoch)
      for (int number = 0; number < 3; ++number) EXPECT_TRUE(changes.report(number, epoch, 0.5 / epoch));
    EXPECT_TRUE(changes.complete(0, 0.125));
    EXPECT_TRUE(changes.prune(1));
    EXPECT_TRUE(changes.fail(2, "loss is NaN", false));
    EXPECT_FALSE(changes.complete(0, 0.5));
    EXPECT_FALSE(changes.report(1, 3, 0.5));
    EXPECT_FALSE(changes.park(2, "{}"));
  });
  EXPECT_EQ(on_disk(), job->study());
  const auto& trials = job->study().trials;
  EXPECT_EQ(trials[0].settings, settings_of(0.25));
  EXPECT_EQ(trials[0].state, TrialState::kComplete);
  EXPECT_EQ(trials[0].value, 0.125);
  EXPECT_EQ(trials[0].started, "2023-11-14T22:13:20.000000+00:00");
  EXPECT_EQ(trials[0].finished, "2023-11-14T22:14:20.000000+00:00");
  EXPECT_EQ(trials[1].state, TrialState::kPruned);
  EXPECT_EQ(trials[1].value, 0.25);
  EXPECT_EQ(trials[2].state, TrialState::kFail);
  EXPECT_EQ(trials[2].user_attributes.at("fail_reason"), "\"loss is NaN\"");
  EXPECT_EQ(trials.size(), 3u);
  const auto read = described_by_optuna(path, "unet");
  if (!read) GTEST_SKIP() << "./dev test installs optuna";
  EXPECT_EQ(read->output, described(job->study()));
}

TEST_F(SharedStudyTest, OptunasDashboardShowsItWhileItRuns) {
  auto job = open(job_on("a"));
  job->transact([](StudyChanges& changes) {
    for (const double x : {0.25, 0.5, 0.75, 0.875, 1.0}) changes.start(settings_of(x));
    for (int number = 0; number < 4; ++number) EXPECT_TRUE(changes.report(number, 1, 0.5));
    EXPECT_TRUE(changes.report(0, 2, 0.125));
    EXPECT_TRUE(changes.complete(0, 0.125));
    EXPECT_TRUE(changes.prune(1));
    EXPECT_TRUE(changes.fail(2, "loss is NaN", false));
    EXPECT_TRUE(changes.park(3, "0"));
  });
  const auto shown = test::run_python("optuna_dashboard", core::read_file(test_file("describe_dashboard.py")),
                                      {path.string()});
  if (!shown) GTEST_SKIP() << "./dev test installs optuna-dashboard";
  EXPECT_EQ(shown->output,
            "unet minimize\n"
            "0 Complete 0.125 | lr=0.25 norm=group | 1=0.5 2=0.125\n"
            "1 Pruned 0.5 | lr=0.5 norm=group | 1=0.5\n"
            "2 Fail | lr=0.75 norm=group | 1=0.5\n"
            "3 Running | lr=0.875 norm=group | 1=0.5\n"
            "4 Running | lr=1.0 norm=group |\n");
}

TEST_F(SharedStudyTest, TheTrialsOfAJobWhoseLeaseRanOutAreTakenUp) {
  auto a = open(job_on("a")), b = open(job_on("b"));
  a->transact([](StudyChanges& changes) {
    changes.start(settings_of(0.25));
    changes.report(0, 1, 0.5);
  });
  now += 200;
  b->transact([](StudyChanges& changes) { EXPECT_FALSE(changes.claim_waiting(as_it_is)); });
  now += 101;
  testing::internal::CaptureStderr();
  b->transact([](StudyChanges& changes) { EXPECT_EQ(changes.claim_waiting(as_it_is), 1); });
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("trial 0 was with process 7 on a"));
  const Trial &lost = b->study().trials[0], &again = b->study().trials[1];
  EXPECT_EQ(lost.state, TrialState::kFail);
  EXPECT_EQ(lost.user_attributes.at("fail_reason"), "\"process 7 on a is gone\"");
  EXPECT_EQ(again.state, TrialState::kRunning);
  EXPECT_EQ(again.settings, lost.settings);
  EXPECT_EQ(again.system_attributes.at("failed_trial"), "0");
  EXPECT_EQ(again.system_attributes.at("retry_history"), "[0]");
  EXPECT_TRUE(again.intermediate.empty());
  EXPECT_EQ(run_folder(again), "trials/0");
  EXPECT_EQ(run_folder(lost), "trials/0");
  // The job was only slow: it learns that the trial is no more its own, and works on.
  a->transact([](StudyChanges& changes) {
    EXPECT_FALSE(changes.report(0, 2, 0.5));
    EXPECT_FALSE(changes.report(1, 2, 0.5));
    EXPECT_FALSE(changes.complete(0, 0.5));
    EXPECT_EQ(changes.start(settings_of(0.75)), 2);
  });
  b->transact([](StudyChanges& changes) {
    EXPECT_FALSE(changes.claim_waiting(as_it_is));
    EXPECT_TRUE(changes.complete(1, 0.5));
  });
  EXPECT_EQ(b->study().trials.size(), 3u);
}

TEST_F(SharedStudyTest, RetriesAreLimitedAndCarryTheirHistory) {
  auto job = open(job_on("a"));
  job->transact([](StudyChanges& changes) { changes.start(settings_of(0.25)); });
  for (int number = 0; number < 3; ++number)
    job->transact([&](StudyChanges& changes) {
      EXPECT_TRUE(changes.fail(number, "out of memory", true));
      EXPECT_EQ(changes.claim_waiting(as_it_is).value_or(-1), number < 2 ? number + 1 : -1);
    });
  ASSERT_EQ(job->study().trials.size(), 3u);
  EXPECT_EQ(retry_history(job->study().trials[2]), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(job->study().trials[2].system_attributes.at("failed_trial"), "0");
  EXPECT_EQ(run_folder(job->study().trials[2]), "trials/0");
  EXPECT_EQ(spent(job->study(), now).trials, 1);
  const auto read = test::run_python("optuna", R"(
import sys, optuna
from optuna.storages import RetryHeartbeatStaleTrialCallback as Retry
optuna.logging.set_verbosity(optuna.logging.ERROR)
backend = optuna.storages.journal.JournalFileBackend(sys.argv[1])
study = optuna.load_study(study_name="unet", storage=optuna.storages.JournalStorage(backend))
print([(Retry.retried_trial_number(trial), Retry.retry_history(trial)) for trial in study.trials])
)",
                                     {path.string()});
  if (!read) GTEST_SKIP() << "./dev test installs optuna";
  EXPECT_THAT(read->output, HasSubstr("[(None, []), (0, [0]), (0, [0, 1])]"));
}

// However often, as long as it gains something now and then: a node's death is no fault of the trial's.
TEST_F(SharedStudyTest, ATrialWhoseNodesDieIsLostOnlyAfterSixStartsInVain) {
  testing::internal::CaptureStderr();
  std::unique_ptr<SharedStudy> lost = open(job_on("node0"));
  lost->transact([](StudyChanges& changes) { changes.start(settings_of(0.25)); });
  std::vector<std::unique_ptr<SharedStudy>> jobs;
  int starts = 0;
  for (std::optional<std::int64_t> number = 0; number; ++starts) {
    auto& at_work = jobs.empty() ? *lost : *jobs.back();
    if (starts < 12 && starts % 2 == 0)
      at_work.transact([&](StudyChanges& changes) { EXPECT_TRUE(changes.report(*number, starts + 1, 0.5)); });
    now += 301;
    jobs.push_back(open(job_on(fmt::format("node{}", starts + 1))));
    jobs.back()->transact([&](StudyChanges& changes) { number = changes.claim_waiting(as_it_is); });
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("lost so often before it had reported anything"));
  EXPECT_EQ(starts, 11 + 6);  // the last report was the eleventh start's
  EXPECT_EQ(jobs.back()->study().trials.back().state, TrialState::kFail);
}

TEST_F(SharedStudyTest, EnqueuedTrialsAreClaimedInTheirOrderWithWhatWasAskedFor) {
  auto job = open(job_on("a"));
  Journal other(path, "unet", "somebody");
  other.transact([](JournalBatch& batch) {
    Trial waiting;
    waiting.state = TrialState::kWaiting;
    waiting.system_attributes["fixed_params"] = R"({"lr":0.125,"norm":"batch"})";
    batch.create_trial(waiting);
    waiting.system_attributes["fixed_params"] = R"({"lr":7,"norm":"none","depth":3})";
    batch.create_trial(waiting);
  });
  const std::map<std::string, Distribution> space{{"lr", FloatDistribution{0, 1, false, {}}},
                                                  {"norm", settings_of(0).at("norm").distribution},
                                                  {"k", IntDistribution{0, 10, 5, false}}};
  testing::internal::CaptureStderr();
  job->transact([&](StudyChanges& changes) {
    const auto complete = [&](const Trial& trial) {
      auto settings = fixed_settings(trial, space);
      settings["k"] = {space.at("k"), 5};
      return settings;
    };
    EXPECT_EQ(changes.claim_waiting(complete), 0);
    EXPECT_EQ(changes.claim_waiting(complete), 1);
    EXPECT_FALSE(changes.claim_waiting(complete));
  });
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, AllOf(HasSubstr("lr = 7,"), HasSubstr("norm = \"none\","), HasSubstr("depth = 3,")));
  const auto& trials = job->study().trials;
  EXPECT_EQ(trials[0].state, TrialState::kRunning);
  EXPECT_EQ(trials[0].settings.at("lr").value, 0.125);
  EXPECT_EQ(trials[0].settings.at("norm").value, 0);
  EXPECT_EQ(trials[0].user_attributes.at("norm"), "\"batch\"");
  EXPECT_EQ(trials[1].settings.size(), 1u);
  EXPECT_EQ(job_of(trials[0]), job_on("a").job.name());
}

TEST_F(SharedStudyTest, AParkedTrialIsResumedByAnotherJobDaysLater) {
  auto a = open(job_on("a"));
  a->transact([](StudyChanges& changes) {
    changes.start(settings_of(0.25));
    changes.report(0, 1, 0.5);
    EXPECT_TRUE(changes.park(0, R"({"rung":0,"epoch":1})"));
    EXPECT_FALSE(changes.report(0, 2, 0.5));
  });
  a.reset();
  now += 3 * 86400;
  auto b = open(job_on("b", false)), c = open(job_on("c"));
  b->transact([](StudyChanges& changes) {
    EXPECT_FALSE(changes.claim_waiting(as_it_is));
    EXPECT_EQ(parked(changes.study().trials[0]), R"({"epoch":1,"rung":0})");
    EXPECT_TRUE(changes.resume(0));
    EXPECT_TRUE(changes.report(0, 2, 0.25));
  });
  c->transact([](StudyChanges& changes) { EXPECT_FALSE(changes.resume(0)); });
  b->transact([](StudyChanges& changes) { EXPECT_TRUE(changes.complete(0, 0.25)); });
  ASSERT_EQ(on_disk().trials.size(), 1u);
  EXPECT_EQ(on_disk().trials[0].intermediate.size(), 2u);
  EXPECT_FALSE(parked(on_disk().trials[0]));
}

TEST_F(SharedStudyTest, BudgetsAreReadOffTheStudy) {
  auto a = open(job_on("a"));
  now += 100;
  auto b = open(job_on("b"));
  a->transact([](StudyChanges& changes) {
    for (int i = 0; i < 3; ++i) changes.start(settings_of(0.25));
    for (int epoch = 1; epoch <= 4; ++epoch)
      changes.report(0, epoch, std::numeric_limits<double>::quiet_NaN());
    changes.report(1, 1, 0.5);
    changes.fail(1, "no", true);  // the copy is the same trial
  });
  auto sum = spent(a->study(), now);
  EXPECT_EQ(sum.trials, 3);
  EXPECT_EQ(sum.epochs, 5);
  EXPECT_DOUBLE_EQ(sum.seconds, 100);
  now += 50;
  a.reset();
  b.reset();
  now += 10'000;  // nobody at work
  auto c = open(job_on("c"));
  now += 30;
  EXPECT_DOUBLE_EQ(spent(c->study(), now).seconds, 180);
}

// The life of a study, cut behind every line as killed jobs leave it; another job, once all leases ran out,
// takes it to its end. Whatever was started is completed once: none lost, none doubled.
TEST_F(SharedStudyTest, GoesOnBehindEveryLine) {
  {
    auto a = open(job_on("a")), b = open(job_on("b"));
    a->transact([](StudyChanges& changes) {
      for (int i = 0; i < 4; ++i) changes.start(settings_of(i / 4.0));
      changes.report(0, 1, 0.5);
    });
    a->transact([](StudyChanges& changes) {
      changes.park(0, "{\"rung\":0}");
      changes.fail(1, "no memory", true);
      changes.complete(2, 0.5);
    });
    b->transact([](StudyChanges& changes) {
      EXPECT_TRUE(changes.claim_waiting(as_it_is));
      EXPECT_TRUE(changes.resume(0));
    });
    b->transact([](StudyChanges& changes) { changes.complete(0, 0.25); });
  }
  const std::string whole = core::read_file(path);
  int num_cuts = 0;
  testing::internal::CaptureStderr();
  for (auto end = whole.find('\n'); end != whole.npos; end = whole.find('\n', end + 1), ++num_cuts) {
    fs::remove(path);
    std::ofstream(path, std::ios::binary) << whole.substr(0, end + 1);
    Journal before(path, description.name, "reader");
    before.refresh();
    const auto started = before.study() ? spent(*before.study(), now).trials : 0;

    now += 1000;
    auto job = open(job_on("next", false));
    job->transact([](StudyChanges& changes) {
      while (const auto number = changes.claim_waiting(as_it_is)) changes.complete(*number, 1);
      for (const auto& trial : std::vector<Trial>(changes.study().trials))
        if (parked(trial)) {
          EXPECT_TRUE(changes.resume(trial.number));
          EXPECT_TRUE(changes.complete(trial.number, 1));
        }
    });
    std::map<fs::path, int> completed;
    for (const auto& trial : on_disk().trials) {
      EXPECT_TRUE(is_finished(trial.state)) << "line " << num_cuts;
      completed[run_folder(trial)] += trial.state == TrialState::kComplete;
    }
    EXPECT_EQ(std::ssize(completed), started) << "line " << num_cuts;
    for (const auto& [run, times] : completed) EXPECT_EQ(times, 1) << run << ", line " << num_cuts;
  }
  testing::internal::GetCapturedStderr();
  EXPECT_GT(num_cuts, 15);
}

// Three processes share 24 trials; one is killed over and over. No trial is run to its end twice, none left
// out.
TEST_F(SharedStudyTest, KilledJobsAreFollowedByTheOthers) {
  constexpr int kTrials = 24;
  StudyOptions options;  // this host, real time, a lease far longer than the test
  options.join = true;
  options.max_retries = 1000;
  const auto work = [&](const std::function<bool()>& keep_on) {
    StudyOptions mine = options;
    mine.job = this_job();
    SharedStudy study(folder / "study", description, mine);
    for (;;) {
      std::optional<std::int64_t> number;
      study.transact([&](StudyChanges& changes) {
        number = changes.claim_waiting(as_it_is);
        if (!number && spent(changes.study(), changes.now()).trials < kTrials)
          number = changes.start(settings_of(0.5));
      });
      if (!number || !keep_on()) return;
      study.transact([&](StudyChanges& changes) { EXPECT_TRUE(changes.complete(*number, 1)); });
    }
  };
  testing::internal::CaptureStderr();
  std::vector<std::unique_ptr<ChildProcess>> steady;
  for (int i = 0; i < 2; ++i)
    steady.push_back(std::make_unique<ChildProcess>([&] { work([] { return true; }); }));
  for (int round = 0; round < 6; ++round) {
    const Pipe running;
    ChildProcess victim([&] {
      work([&] { return running.send('r'); });
      running.send('e');  // nothing was left to do
    });
    for (int i = 0; i <= round % 2; ++i)
      if (running.receive() == 'e') break;
    victim.kill();
  }
  for (const auto& child : steady) EXPECT_EQ(child->wait(), 0);
  work([] { return true; });  // what the last killed one left
  testing::internal::GetCapturedStderr();
  std::map<fs::path, int> completed;
  for (const auto& trial : on_disk().trials) {
    EXPECT_TRUE(is_finished(trial.state));
    completed[run_folder(trial)] += trial.state == TrialState::kComplete;
  }
  EXPECT_EQ(completed.size(), kTrials);
  for (const auto& [run, times] : completed) EXPECT_EQ(times, 1) << run;
}

TEST_F(SharedStudyTest, ADeadProcessOfThisHostIsFollowedAtOnce) {
  const Pipe running;
  ChildProcess child([&] {
    SharedStudy study(folder / "study", description);
    study.transact([](StudyChanges& changes) { changes.start(settings_of(0.5)); });
    running.send('r');
    ::pause();
  });
  ASSERT_EQ(running.receive(), 'r');
  EXPECT_THAT(message_of<core::InputError>([&] { SharedStudy second(folder / "study", description); }),
              HasSubstr("process " + std::to_string(child.pid())));
  child.kill();
  testing::internal::CaptureStderr();
  SharedStudy second(folder / "study", description);
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(second.study().trials.at(0).state, TrialState::kFail);
  EXPECT_EQ(second.study().trials.at(1).state, TrialState::kWaiting);
}

TEST_F(SharedStudyTest, AJournalThatIsGoneIsSaidAlsoTheSecondTime) {
  auto job = open(job_on("a"));
  fs::remove(path);
  for (int time = 0; time < 2; ++time)
    EXPECT_THROW(job->transact([](StudyChanges& changes) { changes.give_back_lost(); }), core::DataError);
}

TEST_F(SharedStudyTest, TheTableHasALineATrial) {
  auto job = open(job_on("a"));
  job->transact([](StudyChanges& changes) {
    changes.start(settings_of(0.25));
    changes.start({{"depth", {IntDistribution{2, 5, 1, false}, 3}}});
    changes.start({});
    changes.report(0, 1, 0.5);
    changes.report(0, 2, 0.5);
    changes.complete(0, 0.5);
    changes.park(1, "{}");
    changes.fail(2, "no, \"really\"", true);
  });
  write_trials_table(folder / "trials.csv", job->study());
  const std::string at = "2023-11-14T22:13:20.000000+00:00";
  EXPECT_EQ(core::read_file(folder / "trials.csv"),
            "number,state,value,depth,lr,norm,epochs,started,finished,run,reason\n"
            "0,complete,0.5,,0.25,group,2," +
                at + "," + at + ",trials/0,\n" + "1,parked,,3,,,0," + at + ",,trials/1,\n" +
                "2,failed,,,,,0," + at + "," + at + ",trials/2,\"no, \"\"really\"\"\"\n" +
                "3,waiting,,,,,0,,,trials/2,\n");
}

}  // namespace
}  // namespace tessera::search
