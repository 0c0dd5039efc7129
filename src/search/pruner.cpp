// SPDX-License-Identifier: Apache-2.0
#include "search/pruner.hpp"

#include <array>

namespace tessera::search {
namespace {

class NoPruner final : public Pruner {
 public:
  Verdict judge(const Study&, const Trial&) const override { return {}; }
};

MedianOptions read_median(core::ConfigTable& table) {
  MedianOptions options;
  options.startup_trials = table.integer("startup_trials", options.startup_trials, {0, 1e9});
  options.warmup_steps = table.integer("warmup_steps", options.warmup_steps, {0, 1e9});
  options.interval_steps = table.integer("interval_steps", options.interval_steps, {1, 1e9});
  options.min_trials = table.integer("min_trials", options.min_trials, {1, 1e9});
  return options;
}

HalvingOptions read_halving(core::ConfigTable& table) {
  HalvingOptions options;
  options.reduction_factor = table.integer("reduction_factor", options.reduction_factor, {2, 1e6});
  options.min_early_stopping_rate =
      table.integer("min_early_stopping_rate", options.min_early_stopping_rate, {0, 20});
  return options;
}

}  // namespace

std::unique_ptr<Pruner> make_no_pruner() {
  return std::make_unique<NoPruner>();
}

std::unique_ptr<Pruner> pruner_from_config(core::Config& config) {
  static const std::array<std::string, 4> names{"none", "median", "asha", "asha_promotion"};
  auto table = config.table("pruner");
  const std::string name = table.choice("name", "none", names);
  if (name == "none") {
    // A configuration's pruner is turned off by its name alone, its options still standing.
    read_median(table);
    read_halving(table);
    table.integer("min_resource", 0, {0, 1e9});
    table.integer("bootstrap_count", 0, {0, 1e9});
    return make_no_pruner();
  }
  if (name == "median") return make_median_pruner(read_median(table));
  HalvingOptions options = read_halving(table);
  if (name == "asha_promotion") {
    if (config.table("study").integer("window", 0, {0, 1e6}) > 0)
      table.refuse("name", "none, median or asha where study.window is set",
                   "Which trial is promoted next hangs on how fast each was.");
    options.min_resource = table.integer("min_resource", 1, {1, 1e9});
    return make_asha_promotion_pruner(options);
  }
  options.min_resource = table.integer("min_resource", options.min_resource, {0, 1e9});
  options.bootstrap_count = table.integer("bootstrap_count", options.bootstrap_count, {0, 1e9});
  if (options.bootstrap_count > 0 && options.min_resource == 0)
    table.refuse("bootstrap_count", "0 where min_resource is 0",
                 "Give min_resource the steps of the first rung, e.g. 1.");
  return make_asha_pruner(options);
}

}  // namespace tessera::search
