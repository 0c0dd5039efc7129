// SPDX-License-Identifier: Apache-2.0
// Trials a second through a study's journal: created, six settings set, finished; each batch on the disk
// (fsync) before the next.
//   bench_journal FILE SECONDS PROCESSES TRIALS_PER_BATCH
// Prints one line of key=value figures. bench/peers/journal.py does the same with Optuna.
#include "search/journal.hpp"

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/clock.hpp"
#include "core/error.hpp"

namespace {

using namespace tessera;
using search::JournalBatch;

search::Trial made_trial(double x) {
  search::Trial trial;
  trial.started = core::utc_timestamp();
  for (int i = 0; i < 6; ++i)
    trial.settings[fmt::format("x{}", i)] = {search::FloatDistribution{0, 1, false, {}}, x};
  return trial;
}

// Each batch ends the trials of the one before and starts as many.
void work(const char* file, const std::string& worker, double seconds, int per_batch) {
  search::Journal journal(file, "bench", worker);
  std::vector<std::int64_t> running;
  const core::Stopwatch watch;
  while (watch.seconds() < seconds)
    journal.transact([&](JournalBatch& batch) {
      for (const auto number : running)
        batch.set_state(number, search::TrialState::kComplete, 0.5, core::utc_timestamp());
      running.clear();
      for (int i = 0; i < per_batch; ++i)
        running.push_back(batch.create_trial(made_trial(static_cast<double>(i) / per_batch)));
    });
}

int run(const char* file, double seconds, int processes, int per_batch) {
  std::filesystem::remove(file);
  search::Journal journal(file, "bench", "bench");
  journal.transact([](JournalBatch& batch) { batch.create_study(search::Direction::kMinimize); });
  for (int i = 0; i < processes; ++i)
    if (::fork() == 0) {
      work(file, fmt::format("w{}", i), seconds, per_batch);
      ::_exit(0);
    }
  for (int status = 0; ::wait(&status) > 0;)
    if (status != 0) return 1;
  journal.refresh();
  std::int64_t finished = 0;
  for (const auto& trial : journal.study()->trials) finished += search::is_finished(trial.state);
  fmt::print("figure=journal processes={} trials_per_batch={} trials_per_second={:.0f}\n", processes,
             per_batch, static_cast<double>(finished) / seconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "bench_journal FILE SECONDS PROCESSES TRIALS_PER_BATCH\n");
    return core::kExitWrongInput;
  }
  try {
    return run(argv[1], std::atof(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]));
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return core::exit_code_of(error);
  }
}
