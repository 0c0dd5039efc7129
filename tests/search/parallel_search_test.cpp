// SPDX-License-Identifier: Apache-2.0
// Searches by the ranks of one job; run under 1, 2 and 3 ranks.
#include "search/parallel_search.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <new>
#include <thread>

#include "core/error.hpp"
#include "search/trial_record.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::search {
namespace {

const Space kGrid({{"a", IntDistribution{1, 6, 1, false}, {}}, {"b", IntDistribution{0, 1, 1, false}, {}}});

// The root's half of a search over the grid.
struct Search {
  explicit Search(const dist::Communicator& world) {
    if (!world.is_root()) return;
    study = std::make_unique<SharedStudy>(folder.path(), StudyDescription{.name = "study", .facts = {}},
                                          StudyOptions{.max_retries = options.retries});
    coordinator = std::make_unique<Coordinator>(CoordinatorParts{.options = options,
                                                                 .space = kGrid,
                                                                 .sampler = *sampler,
                                                                 .pruner = *pruner,
                                                                 .study = *study,
                                                                 .must_stop = [this] { return stop; }});
  }

  test::TemporaryFolder folder;  // the root's is used
  SearchOptions options{.folder = folder.path(), .retries = 1};
  bool stop = false;
  std::unique_ptr<Sampler> sampler = make_grid_sampler();
  std::unique_ptr<Pruner> pruner = make_no_pruner();
  std::unique_ptr<SharedStudy> study;
  std::unique_ptr<Coordinator> coordinator;
};

double score(const Settings& settings) {
  return settings.at("a").value + 10 * settings.at("b").value;
}

TEST(ParallelSearch, TriesEverythingOnceOnAsManyRanksAsATrialTakes) {
  const auto world = dist::Communicator::world();
  for (const std::int64_t per_trial : {std::int64_t{1}, static_cast<std::int64_t>(world.size())}) {
    Search search(world);
    const auto summary = parallel_search(
        world, per_trial, search.coordinator.get(),
        [&](const Assignment& trial, const dist::Communicator& ranks, const Report& report) {
          EXPECT_EQ(ranks.size(), per_trial);
          // The trial's ranks work together.
          const double sum = ranks.all_reduce(score(trial.settings), dist::Reduce::Sum, "score");
          for (std::int64_t step = 1; step <= 3; ++step)
            EXPECT_TRUE(report(step, sum / static_cast<double>(per_trial * step)));
          return Ending::kComplete;
        });
    EXPECT_EQ(summary.trials, 12);
    EXPECT_GT(summary.busy_share, 0);
    EXPECT_LE(summary.busy_share, 1);
    if (!world.is_root()) continue;
    for (const auto& trial : search.study->study().trials) EXPECT_EQ(trial.value, score(trial.settings) / 3);
  }
}

TEST(ParallelSearch, OneTrialsErrorIsItsOwn) {
  const auto world = dist::Communicator::world();
  Search search(world);
  parallel_search(world, 1, search.coordinator.get(),
                  [&](const Assignment& trial, const dist::Communicator&, const Report& report) {
                    if (trial.settings.at("a").value == 6) throw core::InputError("six is \"too\" many");
                    if (trial.settings.at("a").value == 5) throw core::DataError("the loss is no number");
                    if (score(trial.settings) == 4) throw std::bad_alloc();
                    report(1, score(trial.settings));
                    return Ending::kComplete;
                  });

  if (!world.is_root()) return;
  std::map<TrialState, int> states;
  for (const auto& trial : search.study->study().trials) {
    ++states[trial.state];
    if (trial.state == TrialState::kFail && trial.settings.at("a").value == 6) {
      EXPECT_EQ(trial.user_attributes.at(kReasonAttribute), "\"six is \\\"too\\\" many\"");
    }
  }
  EXPECT_EQ(states[TrialState::kComplete], 7);
  EXPECT_EQ(states[TrialState::kFail], 2 + 2 * 2 + 2);  // what may be chance is tried twice
}

TEST(ParallelSearch, AnErrorOfTheJournalEndsAllRanksTogether) {
  const auto world = dist::Communicator::world();
  Search search(world);
  const auto all_fail = [&] {
    parallel_search(world, 1, search.coordinator.get(),
                    [](const Assignment&, const dist::Communicator&, const Report&) -> Ending {
                      throw core::DataError("the dataset is gone");
                    });
  };
  EXPECT_THAT(test::message_of<core::Error>(all_fail), testing::HasSubstr("trials have all failed"));
}

// The journal cannot be written any more: that is no trial's failure.
TEST(ParallelSearch, AReportThatIsNotWrittenEndsAllRanksTogether) {
  const auto world = dist::Communicator::world();
  Search search(world);
  const auto without_a_journal = [&] {
    parallel_search(world, 1, search.coordinator.get(),
                    [&](const Assignment&, const dist::Communicator&, const Report& report) -> Ending {
                      if (world.is_root()) {
                        std::error_code ignored;  // another rank's answer may write it anew in between
                        std::filesystem::remove(search.folder / "journal.log", ignored);
                        std::filesystem::create_directory(search.folder / "journal.log", ignored);
                      }
                      for (std::int64_t step = 1;; ++step) report(step, 1.0);
                    });
  };
  EXPECT_THAT(test::message_of<core::Error>(without_a_journal), testing::HasSubstr("journal.log"));
}

TEST(ParallelSearch, RanksThatMakeNoWholeGroupsAreRefused) {
  const auto world = dist::Communicator::world();
  EXPECT_THAT(test::message_of<core::InputError>([&] { parallel_search(world, 7, nullptr, {}); }),
              testing::HasSubstr("study.ranks_per_trial must divide the number of ranks"));
}

}  // namespace
}  // namespace tessera::search
