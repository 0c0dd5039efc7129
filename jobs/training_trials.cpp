// SPDX-License-Identifier: Apache-2.0
#include "jobs/training_trials.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "core/error.hpp"
#include "core/file.hpp"
#include "dist/tensor/device.hpp"
#include "models/factory.hpp"
#include "train/problem.hpp"

namespace tessera::jobs {
namespace {

namespace fs = std::filesystem;

// Those that tell whether a training takes the parameter: its bounds, or every choice.
std::vector<double> telling_values(const search::Distribution& distribution) {
  const auto bounds = search::bounds_of(distribution);
  if (!std::holds_alternative<search::CategoricalDistribution>(distribution))
    return {bounds.low, bounds.high};
  std::vector<double> all(static_cast<std::size_t>(bounds.high) + 1);
  std::iota(all.begin(), all.end(), 0.0);
  return all;
}

// Values of the parameters that make parameter `index` active, and its own.
search::Settings settings_with(const search::Space& space, std::size_t index, double own) {
  const auto& parameters = space.parameters();
  std::map<std::size_t, double> wanted;  // of the parents, from the nearest up
  for (auto at = index; parameters[at].when; at = parameters[at].when->parent)
    wanted[parameters[at].when->parent] = parameters[at].when->values.front();
  search::Settings settings;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!space.is_active(parameters[i], settings)) continue;
    const auto& distribution = parameters[i].distribution;
    const double value = wanted.contains(i) ? wanted[i]
                         : i == index       ? own
                                            : search::bounds_of(distribution).low;
    settings[parameters[i].key] = {distribution, value};
  }
  return settings;
}

[[noreturn]] void refuse_metric(const std::string& metric, const std::vector<std::string>& names) {
  throw core::InputError(fmt::format("study.metric must be one of validation_{}, got {}",
                                     fmt::join(names, ", validation_"), metric));
}

double metric_of(const train::Epoch& epoch, const std::string& metric) {
  std::vector<std::string> names;
  for (const auto& [name, value] : epoch.metrics) {
    if ("validation_" + name == metric) return value;
    names.push_back(name);
  }
  refuse_metric(metric, names);
}

}  // namespace

TrainingTrials::TrainingTrials(const dist::Communicator& world, const search::SearchConfig& search,
                               std::string command)
    : search_(search),
      command_(std::move(command)),
      device_(torch::kCPU),
      threads_(dist::threads_for_rank(world)) {
  const auto text = world.together("read the base configuration", [&] {
    return world.is_root() ? core::read_file(search_.base) : std::string();
  });
  base_text_ = world.broadcast_text(text, "base configuration");
  world.together("check the search against its base", [&] { check_space(); });
  auto toml = config_of(first_settings(), search_.options.folder);
  const auto config = train::read_training_config(toml);
  world.together("open the dataset", [&] { check_data(config); });
  device_ = dist::choose_device(config.device, world);
}

core::Config TrainingTrials::config_of(const search::Settings& settings, const fs::path& run_folder) const {
  auto toml = core::Config::from_text(base_text_, search_.base.string());
  for (const auto& assignment : search_.overrides) toml.set(assignment);
  for (const auto& [key, setting] : settings)
    toml.set(key + "=" + search::value_text(setting.distribution, setting.value));
  toml.set_text("run.dir", run_folder.string());
  return toml;
}

std::string TrainingTrials::resolved_config(const search::Settings& settings,
                                            const fs::path& run_folder) const {
  auto toml = config_of(settings, run_folder);
  train::read_training_config(toml);
  models::make_network(toml.table("model"), 1);
  toml.refuse_unknown();
  return toml.resolved();
}

search::Settings TrainingTrials::first_settings() const {
  const auto& first = search_.space.parameters().front();
  return settings_with(search_.space, 0, search::bounds_of(first.distribution).low);
}

// So that an unknown key or an impossible value is said before anything starts.
void TrainingTrials::check_space() const {
  const auto& parameters = search_.space.parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].key.starts_with("run."))
      throw core::InputError(fmt::format(
          "parameter[{}].key must be none of [run], which the study sets, got {}", i, parameters[i].key));
    for (const double value : telling_values(parameters[i].distribution))
      resolved_config(settings_with(search_.space, i, value), search_.options.folder);
  }
}

void TrainingTrials::check_data(const train::TrainingConfig& config) {
  if (config.train.time_limit_minutes > 0)
    throw core::InputError(
        fmt::format("train.time_limit_minutes must be 0 in a search, got {}: the first trial that reached it "
                    "would stop them all. Set study.trial_time_limit_minutes or study.time_limit_minutes.",
                    config.train.time_limit_minutes));
  dataset_ = train::open_dataset(config);
  dataset_path_ = config.data.dataset;
  const auto names = train::make_problem(config, *dataset_, nullptr).task->metric_names();
  const auto is_metric = [&](const std::string& name) {
    return "validation_" + name == search_.options.metric;
  };
  if (std::ranges::none_of(names, is_metric)) refuse_metric(search_.options.metric, names);
}

search::Ending TrainingTrials::run(const search::Assignment& trial, const dist::Communicator& ranks,
                                   const search::Report& report) {
  auto toml = config_of(trial.settings, trial.folder);
  auto copy = config_of(trial.settings, trial.folder);
  const auto config = train::read_training_config(copy);
  if (!dataset_ || dataset_path_ != config.data.dataset) {
    dataset_ = ranks.together("open the dataset", [&] { return train::open_dataset(config); });
    dataset_path_ = config.data.dataset;
  }
  const auto result =
      train::run_training(ranks, toml, *dataset_,
                          {.show_progress = false,
                           .command = command_,
                           .threads = threads_,
                           .device = device_,
                           .after_epoch = [&](const train::Epoch& epoch) {
                             return report(epoch.number, metric_of(epoch, search_.options.metric));
                           }});
  stop_ = std::max(stop_, result.stop);
  const bool is_complete =
      result.outcome == train::Outcome::Finished || result.outcome == train::Outcome::StoppedEarly;
  return is_complete ? search::Ending::kComplete : search::Ending::kHalted;
}

}  // namespace tessera::jobs
