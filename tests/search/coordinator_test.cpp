// SPDX-License-Identifier: Apache-2.0
// Whole searches in virtual time: workers that come and go, trials of uneven length, journals on disk.
#include "search/coordinator.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "search/grid.hpp"
#include "search/trial_record.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"
#include "virtual_workers.hpp"

namespace tessera::search {
namespace {

using ::testing::HasSubstr;

const Space kSpace({{"a", IntDistribution{1, 3, 1, false}, {}},
                    {"b", FloatDistribution{0, 1, false, {}}, {}}});
const Space kGrid({{"a", IntDistribution{1, 3, 1, false}, {}}, {"b", IntDistribution{0, 1, 1, false}, {}}});

double score(const Settings& settings) {
  const double a = settings.at("a").value, b = settings.at("b").value;
  return (a - 2) * (a - 2) + (b - 0.3) * (b - 0.3);
}

Job job_of_process(std::int64_t pid) {
  Job job;
  job.process = {"node", "kernel", pid, 0};
  return job;
}

// One job on a study, with a clock that its test moves.
struct TestJob {
  TestJob(const std::filesystem::path& folder, SearchOptions given, const Space& space,
          std::unique_ptr<Sampler> chosen, std::unique_ptr<Pruner> pruning = make_no_pruner(),
          std::int64_t pid = 1)
      : options(std::move(given)),
        sampler(std::move(chosen)),
        pruner(std::move(pruning)),
        study(folder, {.name = "study", .direction = Direction::kMinimize, .facts = {}},
              {.join = true,
               .max_retries = options.retries,
               .job = job_of_process(pid),
               .clock = [this] { return now; }}),
        coordinator({.options = options,
                     .space = space,
                     .sampler = *sampler,
                     .pruner = *pruner,
                     .study = study,
                     .must_stop = [this] { return stop; },
                     .clock = [this] { return now; }}) {}

  double now = 1000;
  bool stop = false;
  SearchOptions options;
  std::unique_ptr<Sampler> sampler;
  std::unique_ptr<Pruner> pruner;
  SharedStudy study;
  Coordinator coordinator;
};

// `workers` of one job, each epoch of trial n taking `seconds(n)`; returns their busy share.
double simulate(TestJob& job, int workers, std::int64_t epochs,
                const std::function<double(std::int64_t)>& seconds,
                const std::function<double(const Settings&, std::int64_t)>& value) {
  return test::simulate(job.coordinator, job.now,
                        {.workers = workers, .epochs = epochs, .epoch_seconds = seconds, .value = value})
      .busy_share;
}

double flat(const Settings& settings, std::int64_t) {
  return score(settings);
}

TEST(Coordinator, GivesEveryPointOfAGridOnceAndKeepsTheBestReport) {
  const test::TemporaryFolder folder;
  TestJob job(folder.path(), {.folder = folder.path()}, kGrid, make_grid_sampler());

  simulate(
      job, 4, 3, [](auto n) { return 1.0 + static_cast<double>(n % 3); },
      [](const Settings& settings, std::int64_t epoch) { return score(settings) + std::abs(epoch - 2); });

  const auto& trials = job.study.study().trials;
  ASSERT_EQ(trials.size(), 6U);
  std::set<std::pair<double, double>> points;
  for (const auto& trial : trials) {
    EXPECT_EQ(trial.state, TrialState::kComplete);
    EXPECT_EQ(trial.value, score(trial.settings));  // of epoch 2
    points.emplace(trial.settings.at("a").value, trial.settings.at("b").value);
  }
  EXPECT_EQ(points.size(), 6U);
}

TEST(Coordinator, AFailedTrialIsTriedAgainAndTheOthersGoOn) {
  const test::TemporaryFolder folder;
  TestJob job(folder.path(), {.folder = folder.path(), .retries = 1}, kGrid, make_grid_sampler());

  const auto first = job.coordinator.next(), second = job.coordinator.next();
  job.coordinator.report(second.trial.number, 1, 0.5);
  job.coordinator.end(second.trial.number, Ending::kComplete);
  job.coordinator.fail(first.trial.number, "the node has gone", true);
  const auto again = job.coordinator.next();
  EXPECT_NE(again.trial.number, first.trial.number);
  EXPECT_EQ(again.trial.settings, first.trial.settings);
  EXPECT_EQ(again.trial.folder, first.trial.folder);  // with its checkpoint
  job.coordinator.fail(again.trial.number, "the node has gone", true);
  const auto other = job.coordinator.next();
  EXPECT_NE(other.trial.settings, first.trial.settings);

  job.coordinator.fail(other.trial.number, "too deep for the crop", false);
  EXPECT_NE(job.coordinator.next().trial.settings, other.trial.settings);
}

// Fixed settings of an enqueued trial are written one a line; whoever was killed in between had set the
// first.
TEST(Coordinator, AnEnqueuedTrialWhoseClaimWasCutShortKeepsWhatWasAskedFor) {
  const test::TemporaryFolder folder;
  TestJob job(folder.path(), {.folder = folder.path()}, kSpace, make_random_sampler(1));
  Journal other(folder / "journal.log", "study", "somebody");
  other.transact([](JournalBatch& batch) {
    Trial waiting;
    waiting.state = TrialState::kWaiting;
    waiting.system_attributes["fixed_params"] = R"({"a":3,"b":0.25})";
    batch.set_param(batch.create_trial(waiting), "a", {kSpace.parameters()[0].distribution, 3});
    batch.create_trial(waiting);
  });
  for (int trial = 0; trial < 2; ++trial) {
    const auto settings = job.coordinator.next().trial.settings;
    ASSERT_EQ(settings.size(), 2U);
    EXPECT_EQ(settings.at("a").value, 3);
    EXPECT_EQ(settings.at("b").value, 0.25);
  }
}

TEST(Coordinator, FailuresBesideATrialThatGetsOnEndNothing) {
  const test::TemporaryFolder folder;
  TestJob job(folder.path(), {.folder = folder.path(), .retries = 1}, kSpace, make_random_sampler(1));
  const auto good = job.coordinator.next();
  job.coordinator.report(good.trial.number, 1, 0.5);
  for (int i = 0; i < 8; ++i)
    EXPECT_NO_THROW(job.coordinator.fail(job.coordinator.next().trial.number, "too wide", false));

  const test::TemporaryFolder other;  // two trials and their retries are two failures, not four
  TestJob retries(other.path(), {.folder = other.path(), .retries = 3}, kSpace, make_random_sampler(1));
  for (int i = 0; i < 8; ++i)
    EXPECT_NO_THROW(retries.coordinator.fail(retries.coordinator.next().trial.number, "chance", true));
}

TEST(Coordinator, WhereNothingSucceedsTheSearchEnds) {
  const test::TemporaryFolder folder;
  TestJob job(folder.path(), {.folder = folder.path(), .trials = 100, .retries = 0}, kSpace,
              make_random_sampler(1));
  const auto fail_all = [&] {
    for (;;) job.coordinator.fail(job.coordinator.next().trial.number, "the dataset is gone", true);
  };
  EXPECT_THAT(test::message_of<core::Error>(fail_all),
              HasSubstr("trials have all failed, the last because the dataset"));
  EXPECT_EQ(job.coordinator.next().next, Next::kDone);  // for the other workers too
}

TEST(Coordinator, StoppedTrialsGoOnInTheNextJobBeforeOthersStart) {
  const test::TemporaryFolder folder;
  const SearchOptions options{.folder = folder.path(), .trials = 10};
  std::vector<Work> left;
  {
    TestJob job(folder.path(), options, kSpace, make_random_sampler(1));
    for (int i = 0; i < 2; ++i) left.push_back(job.coordinator.next());
    EXPECT_TRUE(job.coordinator.report(0, 1, 0.5));
    job.stop = true;
    EXPECT_FALSE(job.coordinator.report(1, 1, 0.5));
    job.coordinator.end(1, Ending::kHalted);
    job.coordinator.end(0, Ending::kHalted);  // stopped by a signal between two reports
    EXPECT_EQ(job.coordinator.next().next, Next::kDone);
    EXPECT_TRUE(job.coordinator.has_stopped());
  }
  TestJob job(folder.path(), options, kSpace, make_random_sampler(1), make_no_pruner(), 2);
  for (int i = 0; i < 2; ++i) {
    const auto work = job.coordinator.next();
    EXPECT_EQ(work.trial.number, i);
    EXPECT_EQ(work.trial.settings, left[static_cast<std::size_t>(i)].trial.settings);
    EXPECT_EQ(work.trial.folder, left[static_cast<std::size_t>(i)].trial.folder);
  }
  EXPECT_EQ(job.coordinator.next().trial.number, 2);
}

TEST(Coordinator, TrialsOfAJobThatDiedAreTakenUpOnceItsLeaseRanOut) {
  const test::TemporaryFolder folder;
  const SearchOptions options{.folder = folder.path(), .trials = 1, .retries = 2};
  TestJob dead(folder.path(), options, kSpace, make_random_sampler(1));
  const auto lost = dead.coordinator.next();
  dead.coordinator.report(0, 1, 0.25);

  TestJob job(folder.path(), options, kSpace, make_random_sampler(1), make_no_pruner(), 2);
  EXPECT_EQ(job.coordinator.next().next, Next::kWait);
  job.now += 1000;
  const auto work = job.coordinator.next();
  ASSERT_EQ(work.next, Next::kTrial);
  EXPECT_EQ(work.trial.settings, lost.trial.settings);
  EXPECT_EQ(work.trial.folder, lost.trial.folder);
  job.coordinator.report(work.trial.number, 2, 0.5);
  job.coordinator.end(work.trial.number, Ending::kComplete);
  EXPECT_EQ(job.study.study().trials.back().value,
            0.25);                                   // reported by the job that died, its checkpoint stands
  EXPECT_FALSE(dead.coordinator.report(0, 2, 0.5));  // were it alive after all, it would end here
  EXPECT_EQ(job.coordinator.next().next, Next::kDone);
}

TEST(Coordinator, BudgetsCountOverAllJobsAndATrialThatIsTooSlowFails) {
  const test::TemporaryFolder folder;
  {
    TestJob job(folder.path(), {.folder = folder.path(), .epochs_budget = 20}, kSpace,
                make_random_sampler(1));
    simulate(
        job, 3, 4, [](auto) { return 1.0; }, flat);
    const auto epochs = spent(job.study.study(), job.now).epochs;
    EXPECT_GE(epochs, 20);
    EXPECT_LE(epochs, 20 + 3 * 4);
  }
  const test::TemporaryFolder other;
  TestJob slow(other.path(),
               {.folder = other.path(), .trials = 2, .trial_time_limit_minutes = 1, .retries = 0}, kSpace,
               make_random_sampler(1));
  simulate(
      slow, 1, 4, [](auto n) { return n == 0 ? 50.0 : 5.0; }, flat);
  EXPECT_EQ(slow.study.study().trials[0].state, TrialState::kFail);
  EXPECT_EQ(slow.study.study().trials[1].state, TrialState::kComplete);
}

// A study's journal by trial, without times and who wrote it: of several workers the lines mingle.
std::vector<std::string> lines_by_trial(const std::filesystem::path& folder) {
  std::map<std::int64_t, std::string> trials;
  std::int64_t created = 0;
  const std::string journal = core::read_file(folder / "journal.log");
  for (const auto text : core::split(journal, '\n')) {
    if (text.empty()) continue;
    auto line = nlohmann::json::parse(text);
    const bool creates = line.at("op_code") == 4;
    const std::int64_t trial = creates ? created++ : line.value("trial_id", std::int64_t{-1});
    for (const char* key : {"worker_id", "datetime_start", "datetime_complete"}) line.erase(key);
    if (trial >= 0) trials[trial] += line.dump() + "\n";
  }
  std::vector<std::string> lines;
  for (auto& [number, text] : trials) lines.push_back(std::move(text));
  return lines;
}

TEST(Coordinator, AReplayableStudysJournalIsTheSameForAnyNumberOfWorkers) {
  const auto curve = [](const Settings& settings, std::int64_t epoch) {
    return score(settings) + 1.0 / static_cast<double>(epoch);
  };
  std::vector<std::vector<std::string>> journals;
  for (const int workers : {1, 2, 4}) {
    const test::TemporaryFolder folder;
    {
      TestJob job(folder.path(), {.folder = folder.path(), .trials = 40, .window = 4}, kSpace,
                  make_tpe_sampler({.seed = 7}),
                  make_asha_pruner({.min_resource = 1, .reduction_factor = 2}));
      simulate(
          job, workers, 4, [](auto n) { return 1.0 + static_cast<double>((7 * n) % 5); }, curve);
      EXPECT_GE(std::ranges::count(job.study.study().trials, TrialState::kPruned, &Trial::state), 5);
    }
    journals.push_back(lines_by_trial(folder.path()));
    ASSERT_EQ(journals.back().size(), 40U);
  }
  EXPECT_EQ(journals[0], journals[1]);
  EXPECT_EQ(journals[0], journals[2]);
}

TEST(Coordinator, KeepsManyWorkersBusy) {
  const test::TemporaryFolder folder;
  TestJob job(folder.path(), {.folder = folder.path(), .trials = 600}, kSpace, make_random_sampler(1));
  EXPECT_GE(simulate(job, 20, 2, test::uneven_epoch, flat), 0.95);
}

TEST(Coordinator, KeepsTwoThousandWorkersBusyThatWaitForItsAnswers) {
  const test::TemporaryFolder folder;
  TestJob job(folder.path(), {.folder = folder.path(), .time_limit_minutes = 10}, kSpace,
              make_random_sampler(1));
  const auto outcome = test::simulate(job.coordinator, job.now,
                                      {.workers = 2000,
                                       .epochs = 4,
                                       .epoch_seconds = test::uneven_epoch,
                                       .value = flat,
                                       .answer_seconds = [](double) { return 0.05; }});
  EXPECT_GE(outcome.busy_until_told, 0.95);
  EXPECT_EQ(outcome.most_waiting, 2000);  // all of them, when the search begins
}

TEST(Coordinator, OfAStudyThatParksAllItsTrialsTheBestIsTrainedToItsEnd) {
  const test::TemporaryFolder folder;
  TestJob job(folder.path(), {.folder = folder.path(), .trials = 2}, kSpace, make_quasi_random_sampler(1),
              make_asha_promotion_pruner({.min_resource = 1, .reduction_factor = 3}));
  simulate(
      job, 2, 9, [](auto) { return 1.0; }, flat);

  const auto& trials = job.study.study().trials;
  ASSERT_EQ(trials.size(), 2U);
  const std::size_t best = score(trials[0].settings) < score(trials[1].settings) ? 0 : 1;
  EXPECT_EQ(trials[best].state, TrialState::kComplete);
  EXPECT_EQ(trials[best].intermediate.size(), 9U);
  EXPECT_TRUE(parked(trials[1 - best]));
}

TEST(Coordinator, AStudyWhoseEpochsAreSpentOnRungsTrainsItsBestToTheEnd) {
  const test::TemporaryFolder folder;
  TestJob job(folder.path(), {.folder = folder.path(), .epochs_budget = 6}, kSpace,
              make_quasi_random_sampler(1),
              make_asha_promotion_pruner({.min_resource = 2, .reduction_factor = 4}));
  simulate(
      job, 2, 9, [](auto) { return 1.0; }, flat);
  const auto& trials = job.study.study().trials;
  EXPECT_EQ(std::ranges::count(trials, TrialState::kComplete, &Trial::state), 1);
  EXPECT_GT(trials.size(), 2U);
}

TEST(Coordinator, PromotionNeedsFewerEpochsThanNoPruningForTheSameBest) {
  const auto curve = [](const Settings& settings, std::int64_t epoch) {
    return score(settings) + 1.0 / static_cast<double>(epoch);
  };
  std::vector<double> best;
  std::vector<std::int64_t> epochs;
  for (const bool prunes : {false, true}) {
    const test::TemporaryFolder folder;
    TestJob job(
        folder.path(), {.folder = folder.path(), .trials = 60}, kSpace, make_quasi_random_sampler(1),
        prunes ? make_asha_promotion_pruner({.min_resource = 1, .reduction_factor = 3}) : make_no_pruner());
    simulate(
        job, 4, 27, [](auto) { return 1.0; }, curve);
    double least = 1e9;
    for (const auto& trial : job.study.study().trials)
      if (trial.state == TrialState::kComplete) least = std::min(least, *trial.value);
    best.push_back(least);
    epochs.push_back(spent(job.study.study(), job.now).epochs);
  }
  EXPECT_EQ(best[0], best[1]);
  EXPECT_LT(3 * epochs[1], epochs[0]);
}

}  // namespace
}  // namespace tessera::search
