// SPDX-License-Identifier: Apache-2.0
#include "search/search_config.hpp"

#include <array>

#include "search/grid.hpp"

namespace tessera::search {
namespace {

constexpr double kMany = 1e15;

SearchOptions read_study(core::ConfigTable study) {
  SearchOptions options;
  options.folder = std::filesystem::path(study.required_text("dir")).lexically_normal();
  if (!options.folder.has_filename()) options.folder = options.folder.parent_path();  // "runs/k/" is runs/k
  options.metric = study.text("metric", "validation_mae");
  const auto direction =
      study.choice("direction", "minimize", std::vector<std::string>{"minimize", "maximize"});
  options.direction = direction == "minimize" ? Direction::kMinimize : Direction::kMaximize;
  options.trials = study.integer("trials", options.trials, {0, kMany});
  options.epochs_budget = study.integer("epochs_budget", options.epochs_budget, {0, kMany});
  options.time_limit_minutes = study.number("time_limit_minutes", options.time_limit_minutes, {0, kMany});
  options.trial_time_limit_minutes =
      study.number("trial_time_limit_minutes", options.trial_time_limit_minutes, {0, kMany});
  options.ranks_per_trial = study.integer("ranks_per_trial", options.ranks_per_trial, {1, 1e6});
  options.window = study.integer("window", options.window, {0, 1e6});
  options.retries = study.integer("retries", options.window > 0 ? 0 : options.retries, {0, 1000});
  if (options.window > 0 && options.retries > 0)
    study.refuse("retries", "0 where study.window is set",
                 "A retry takes the next number, and which that is hangs on how fast the others are.");
  return options;
}

}  // namespace

bool is_search_key(std::string_view assignment) {
  for (const std::string_view table : {"study.", "sampler.", "pruner.", "parameter["})
    if (assignment.starts_with(table)) return true;
  return false;
}

SearchConfig read_search_config(core::Config& config, const std::filesystem::path& file) {
  auto root = config.root();
  const std::filesystem::path base = root.required_text("base");
  auto overrides = root.texts("set", {});
  auto study = read_study(config.table("study"));
  auto space = Space::from_config(config);
  auto sampler = sampler_from_config(config, space);
  const bool is_grid = config.table("sampler").text("name", "tpe") == "grid";
  if (!is_grid && study.trials == 0 && study.epochs_budget == 0 && study.time_limit_minutes == 0)
    config.table("study").refuse("trials",
                                 "above 0 where neither epochs_budget nor time_limit_minutes is set",
                                 "Only a grid comes to an end by itself.");
  return {base.is_absolute() ? base : file.parent_path() / base, std::move(overrides), std::move(study),
          std::move(space), std::move(sampler)};
}

}  // namespace tessera::search
