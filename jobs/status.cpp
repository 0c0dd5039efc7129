// SPDX-License-Identifier: Apache-2.0
// tessera status: how far a run or a study is, from what lies in its folder, and what Slurm says of its job.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "core/clock.hpp"
#include "core/command_line.hpp"
#include "core/config.hpp"
#include "core/error.hpp"
#include "jobs/batch_script.hpp"
#include "report/run_folder.hpp"
#include "search/lease.hpp"
#include "search/shared_study.hpp"
#include "search/trial_record.hpp"

namespace {

using namespace tessera;
namespace fs = std::filesystem;

// "RUNNING", "PENDING"; "gone" of a job that Slurm's queue does not have (any more).
std::string queue_state(const std::string& job) {
  FILE* pipe = ::popen(
      ("squeue --noheader --format=%T --jobs=" + jobs::shell_quoted(job) + " 2>/dev/null").c_str(), "r");
  std::array<char, 64> word{};
  const bool told = pipe && std::fgets(word.data(), word.size(), pipe);
  if (pipe) ::pclose(pipe);
  const std::string state = word.data();
  return told ? state.substr(0, state.find('\n')) : "gone";
}

std::string job_words(const std::string& job) {
  return job.empty() ? "" : fmt::format(" job={} queue={}", job, queue_state(job));
}

// Since a file of the folder was written last.
double quiet_seconds(const fs::path& file) {
  std::error_code absent;
  const auto written = fs::last_write_time(file, absent);
  if (absent) return 0;
  return std::chrono::duration<double>(fs::file_time_type::clock::now() - written).count();
}

// Of the last ten epochs of metrics.csv, whose third column counts the seconds.
double seconds_of_an_epoch(const report::RunFolder& run) {
  const auto column = std::ranges::find(run.curve_columns, "seconds");
  if (column == run.curve_columns.end()) return 0;
  const auto& seconds = run.curves[static_cast<std::size_t>(column - run.curve_columns.begin())];
  if (seconds.empty()) return 0;
  const std::size_t back = std::min<std::size_t>(10, seconds.size());
  const double before = back == seconds.size() ? 0 : seconds[seconds.size() - 1 - back];
  return (seconds.back() - before) / static_cast<double>(back);
}

std::string status_of_run(const fs::path& folder) {
  const auto run = report::read_run_folder(folder);
  auto config = core::Config::from_text(run.config, (folder / "config.toml").string());
  const auto epochs = config.table("train").integer("epochs", 0);
  const auto done = run.curves.empty() ? std::int64_t{0} : std::ssize(run.curves.front());
  std::string line = fmt::format("state={}{} epoch={} epochs={}", run.facts.state,
                                 job_words(run.facts.slurm_job), done, epochs);
  if (run.facts.best_value) line += fmt::format(" {}={:.6g}", run.facts.best_metric, *run.facts.best_value);
  if (run.facts.state == "running")
    line += fmt::format(" quiet_seconds={:.0f}", quiet_seconds(folder / "metrics.csv"));
  if (done > 0 && done < epochs)
    line += fmt::format(" eta_seconds={:.0f}", seconds_of_an_epoch(run) * static_cast<double>(epochs - done));
  return line;
}

std::string status_of_study(const fs::path& folder) {
  const auto study = search::read_study(folder);
  const double now = core::unix_time();
  const auto count = [&](const auto& is) { return std::ranges::count_if(study.trials, is); };
  const auto in = [](search::TrialState state) {
    return [state](const search::Trial& trial) { return trial.state == state; };
  };
  const auto leases = search::leases_of(study);
  const auto at_work =
      std::ranges::count_if(leases, [&](const auto& it) { return search::is_live(it, now); });
  for (const auto& lease : leases)
    if (search::is_live(lease, now)) fmt::print(stderr, "at work: {}\n", lease.job.text());
  std::string line =
      fmt::format("state={} jobs={} trials={} complete={} pruned={} failed={} parked={} running={} epochs={}",
                  at_work > 0 ? "running" : "idle", at_work, study.trials.size(),
                  count(in(search::TrialState::kComplete)), count(in(search::TrialState::kPruned)),
                  count(in(search::TrialState::kFail)),
                  count([](const auto& trial) { return search::parked(trial).has_value(); }),
                  count([](const auto& trial) {
                    return trial.state == search::TrialState::kRunning && !search::parked(trial);
                  }),
                  search::spent(study, now).epochs);
  if (const auto* best = search::best_trial(study))
    line +=
        fmt::format(" best_trial={} {}={:.6g}", best->number, search::fact_of(study, "metric"), *best->value);
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  std::string folder;
  core::CommandLine line(
      "status", "How far a run or a study is: its state, its job in Slurm's queue, epoch, time to go",
      "tessera status runs/k");
  line.positional("RUN", folder, "the folder that `tessera train` or `tessera search` writes");
  const auto parsed = line.parse(argc, argv);
  if (!parsed.run) {
    std::fputs(parsed.text.c_str(), parsed.exit_code == core::kExitDone ? stdout : stderr);
    return parsed.exit_code;
  }
  try {
    const bool is_study = fs::exists(fs::path(folder) / "journal.log");
    fmt::print("{}\n", is_study ? status_of_study(folder) : status_of_run(folder));
    return core::kExitDone;
  } catch (const std::exception& error) {
    fmt::print(stderr, "tessera status: {}\n", error.what());
    return core::exit_code_of(error);
  }
}
