// SPDX-License-Identifier: Apache-2.0
#include "jobs/training_trials.hpp"

#include <fmt/core.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "dist/tensor/device.hpp"
#include "models/factory.hpp"

namespace tessera::jobs {
namespace {

namespace fs = std::filesystem;

struct First {
  double operator()(const search::FloatDistribution& it) const { return it.low; }
  double operator()(const search::IntDistribution& it) const { return static_cast<double>(it.low); }
  double operator()(const search::CategoricalDistribution&) const { return 0; }
};
struct Last {
  double operator()(const search::FloatDistribution& it) const { return it.high; }
  double operator()(const search::IntDistribution& it) const { return static_cast<double>(it.high); }
  double operator()(const search::CategoricalDistribution& it) const {
    return static_cast<double>(it.choices.size() - 1);
  }
};

// Values of the parameters that make parameter `index` active, and its own first or last.
search::Settings settings_with(const search::Space& space, std::size_t index, bool last) {
  const auto& parameters = space.parameters();
  std::map<std::size_t, double> wanted;  // of the parents, from the nearest up
  for (auto at = index; parameters[at].when; at = parameters[at].when->parent)
    wanted[parameters[at].when->parent] = parameters[at].when->values.front();
  search::Settings settings;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!space.is_active(parameters[i], settings)) continue;
    const auto& distribution = parameters[i].distribution;
    const double value = wanted.contains(i)   ? wanted[i]
                         : i == index && last ? std::visit(Last(), distribution)
                                              : std::visit(First(), distribution);
    settings[parameters[i].key] = {distribution, value};
  }
  return settings;
}

double metric_of(const train::Epoch& epoch, const std::string& metric) {
  std::string known;
  for (const auto& [name, value] : epoch.metrics) {
    if ("validation_" + name == metric) return value;
    known += (known.empty() ? "validation_" : ", validation_") + name;
  }
  throw core::InputError(fmt::format("study.metric must be one of {}, got {}", known, metric));
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
  auto toml = config_of(settings_with(search_.space, 0, false), search_.options.folder);
  device_ = dist::choose_device(train::read_training_config(toml).device, world);
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

// Every parameter's first and last value, so that an unknown key or an impossible value is said before
// anything starts.
void TrainingTrials::check_space() const {
  for (std::size_t i = 0; i < search_.space.parameters().size(); ++i)
    for (const bool last : {false, true})
      resolved_config(settings_with(search_.space, i, last), search_.options.folder);
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
