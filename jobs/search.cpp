// SPDX-License-Identifier: Apache-2.0
// tessera search: trainings with settings that a sampler chooses, many at once, into one study.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "dist/run_job.hpp"
#include "dist/stop_request.hpp"
#include "dist/tensor/device.hpp"
#include "jobs/training_trials.hpp"
#include "search/distribution_text.hpp"
#include "search/parallel_search.hpp"
#include "search/trials_table.hpp"

namespace {

using namespace tessera;
struct SearchArguments {
  std::string config;
  std::vector<std::string> overrides;
  bool join = false;
};

// What makes the study this one: another space or metric, or a base of another name, may not be mixed with
// it.
search::StudyDescription describe(const search::SearchConfig& config) {
  search::StudyDescription description{
      .name = config.options.folder.filename().string(),
      .direction = config.options.direction,
      .facts = {{"metric", config.options.metric},
                {"base", config.base.filename().string()},
                {"set", fmt::format("{}", fmt::join(config.overrides, " "))}}};
  for (const auto& parameter : config.space.parameters()) {
    auto& fact = description.facts[parameter.key] = search::distribution_text(parameter.distribution);
    if (parameter.when)
      fact += fmt::format(" where {} is {}", config.space.parameters()[parameter.when->parent].key,
                          fmt::join(parameter.when->values, ", "));
  }
  return description;
}

// trials.csv, and best.toml with the settings of the best complete trial, ready to train.
void write_files(const search::Study& study, const search::SearchConfig& config,
                 const jobs::TrainingTrials& trials) {
  const auto& folder = config.options.folder;
  search::write_trials_table(folder / "trials.csv", study);
  if (const auto* best = search::best_trial(study))
    core::write_file_atomically(folder / "best.toml",
                                trials.resolved_config(best->settings, folder / "best"));
}

void print_summary(const search::Study& study, const std::string& metric,
                   const search::SearchSummary& summary) {
  const auto count = [&](search::TrialState state) {
    return std::ranges::count(study.trials, state, &search::Trial::state);
  };
  std::string line = fmt::format("trials={} complete={} pruned={} failed={} epochs={}", study.trials.size(),
                                 count(search::TrialState::kComplete), count(search::TrialState::kPruned),
                                 count(search::TrialState::kFail), search::spent(study, 0).epochs);
  if (const auto* best = search::best_trial(study))
    line += fmt::format(" best_trial={} {}={:.6g}", best->number, metric, *best->value);
  fmt::print("{} seconds={:.2f} busy={:.3f}\n", line, summary.seconds, summary.busy_share);
}

// A search whose trials have all failed is one too.
void refuse_fruitless(const search::Study& study) {
  const search::Trial* failed = nullptr;
  for (const auto& trial : study.trials) {
    if (trial.state != search::TrialState::kFail) return;
    failed = &trial;
  }
  if (failed)
    throw core::Error(fmt::format("all {} trials have failed, the last because of {}", study.trials.size(),
                                  search::reason_of(*failed)));
}

int run(dist::Communicator& world, const core::CommandLine& line, const SearchArguments& arguments) {
  dist::watch_stop_signals();
  std::vector<std::string> of_search, of_base;
  for (const auto& assignment : arguments.overrides)
    (search::is_search_key(assignment) ? of_search : of_base).push_back(assignment);
  auto toml = train::load_config(arguments.config, of_search, world);
  auto config = search::read_search_config(toml, arguments.config);
  const auto pruner = search::pruner_from_config(toml);
  toml.refuse_unknown();
  config.overrides.insert(config.overrides.end(), of_base.begin(), of_base.end());

  search::check_groups(world, config.options.ranks_per_trial);

  jobs::TrainingTrials trials(world, config, line.typed());
  std::unique_ptr<search::SharedStudy> study;
  std::unique_ptr<search::Coordinator> coordinator;
  std::int64_t epochs_before = 0;
  world.together("open the study", [&] {
    if (!world.is_root()) return;
    study = std::make_unique<search::SharedStudy>(
        config.options.folder, describe(config),
        search::StudyOptions{.join = arguments.join, .max_retries = config.options.retries});
    epochs_before = search::spent(study->study(), 0).epochs;
    coordinator = std::make_unique<search::Coordinator>(
        search::CoordinatorParts{.options = config.options,
                                 .space = config.space,
                                 .sampler = *config.sampler,
                                 .pruner = *pruner,
                                 .study = *study,
                                 .must_stop = [] { return dist::stop_asked() != dist::Stop::None; }});
  });
  const auto summary = search::parallel_search(world, config.options.ranks_per_trial, coordinator.get(),
                                               [&](const auto& trial, const auto& ranks, const auto& report) {
                                                 return trials.run(trial, ranks, report);
                                               });

  const auto stop = static_cast<dist::Stop>(
      world.all_reduce(static_cast<std::int32_t>(std::max(trials.stop(), dist::stop_asked())),
                       dist::Reduce::Max, "what it was stopped for"));
  const bool stopped = world.together("finish the study", [&] {
    if (!world.is_root()) return false;
    study->refresh();
    write_files(study->study(), config, trials);
    print_summary(study->study(), config.options.metric, summary);
    refuse_fruitless(study->study());
    if (coordinator->has_stopped() && stop == dist::Stop::SaveAndRequeue &&
        search::spent(study->study(), 0).epochs > epochs_before)
      dist::ask_for_requeue();
    return coordinator->has_stopped();
  });
  return world.all_reduce<std::int32_t>(stopped, dist::Reduce::Max, "whether the search was stopped")
             ? core::kExitStoppedInTime
             : core::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  SearchArguments arguments;
  core::CommandLine line(
      "search",
      "Searches settings of a training, many trials at once: a sampler suggests, a pruner ends what is not "
      "worth "
      "its time, the study's journal is Optuna's. Goes on where the journal stands. --set of study, sampler "
      "and "
      "pruner is of the search, any other of the base configuration.",
      "mpirun -n 4 tessera search jobs/configs/searches/cgcnn.toml --set data.dataset=mp_elasticity");
  line.positional("CONFIG", arguments.config, "search configuration, TOML");
  line.repeated("--set", arguments.overrides, "override one key: table.key=value");
  line.flag("--join", arguments.join, "work beside other jobs on the same study");
  return dist::run_job(argc, argv, line,
                       [&](dist::Communicator& world) { return run(world, line, arguments); });
}
