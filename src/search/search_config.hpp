// SPDX-License-Identifier: Apache-2.0
// A search's configuration: a base configuration, what of it is searched over, how, and how long.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/config.hpp"
#include "search/sampler.hpp"
#include "search/space.hpp"
#include "search/trial.hpp"

namespace tessera::search {

/// 0 is no limit throughout.
struct SearchOptions {
  std::filesystem::path folder = {};
  std::string metric = {};  // of the base's validation, e.g. validation_mae
  Direction direction = Direction::kMinimize;
  std::int64_t trials = 0, epochs_budget = 0;
  double time_limit_minutes = 0;        // with any job at work; past it trials keep a checkpoint
  double trial_time_limit_minutes = 0;  // of each trial, at its epochs' ends: past it, it has failed
  std::int64_t ranks_per_trial = 1;
  std::int64_t retries = 1;  // of a failed trial; 0 where window is set
  // A replayable study: trial n is suggested, and judged by its pruner, on trials 0 to n − window once all of
  // these have ended, so that any number of workers up to `window` finds the same; a worker waits where they
  // have not. 0: on whatever has ended.
  std::int64_t window = 0;
};

struct SearchConfig {
  std::filesystem::path base;
  std::vector<std::string> overrides;  // of the base, as --set takes them
  SearchOptions options;
  Space space;
  std::unique_ptr<Sampler> sampler;
};

/// Whether --set of this key is of the search (study, sampler, pruner, parameter[i]), or else of the base.
bool is_search_key(std::string_view assignment);

/// Reads base (a path beside `file`), set, [study], [sampler] and [[parameter]]. Raises InputError naming
/// line, value and remedy. A [pruner] is read by make_pruner; call Config::refuse_unknown when all is read.
SearchConfig read_search_config(core::Config& config, const std::filesystem::path& file);

}  // namespace tessera::search
