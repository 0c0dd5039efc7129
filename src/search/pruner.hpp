// SPDX-License-Identifier: Apache-2.0
// Whether a trial is worth going on with. A verdict depends on the study's trials alone: what they reported,
// and what earlier verdicts wrote into their system attributes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/config.hpp"
#include "search/trial_record.hpp"

namespace tessera::search {

enum class Action {
  kGoOn,
  kPrune,
  kPark  // stop, keep the checkpoint: the trial may be resumed
};

struct Verdict {
  Action action = Action::kGoOn;
  /// To be written to the trial together with the report: JSON text by name.
  std::map<std::string, std::string> system_attributes;
  bool operator==(const Verdict&) const = default;
};

/// A parked trial to be trained on; the next verdict falls at `until_step`.
struct Resumption {
  std::int64_t trial_number = 0;
  std::int64_t rung = 0;  // the one it is on its way to
  std::int64_t until_step = 0;
  bool operator==(const Resumption&) const = default;
};

class Pruner {
 public:
  virtual ~Pruner() = default;

  /// After a report of `trial`, whose intermediate values hold it; the study may hold the trial too, in this
  /// or an earlier state. A trial without reports goes on.
  virtual Verdict judge(const Study& study, const Trial& trial) const = 0;

  /// The parked trial to be resumed now rather than starting another, or nothing. Whoever takes it writes
  /// kParkedAttribute = null before anyone else asks.
  virtual std::optional<Resumption> next_resumption(const Study&) const { return std::nullopt; }

  /// For when nothing is left to start, to resume or to wait for, and no trial is complete (a study of few
  /// trials ends so): the best parked trial of the highest rung, or nothing.
  virtual std::optional<Resumption> final_resumption(const Study&) const { return std::nullopt; }
};

std::unique_ptr<Pruner> make_no_pruner();

/// Prunes a trial whose best value so far is worse than the median of what complete trials reported at the
/// same step; Optuna 5's MedianPruner.
struct MedianOptions {
  std::int64_t startup_trials = 5;  // no verdict before so many are complete
  std::int64_t warmup_steps = 0;    // nor before this step
  std::int64_t interval_steps = 1;  // then at the first report in each interval
  std::int64_t min_trials = 1;      // nor where fewer complete trials reported at this step
};
std::unique_ptr<Pruner> make_median_pruner(const MedianOptions& options = {});

/// Asynchronous successive halving (Li et al. 2020). Rung k stands at step min_resource · reduction_factor^(k
/// + min_early_stopping_rate).
struct HalvingOptions {
  std::int64_t min_resource = 0;  // steps; 0: a hundredth of the longest complete trial's, for `asha` only
  std::int64_t reduction_factor = 4;
  std::int64_t min_early_stopping_rate = 0;
  std::int64_t bootstrap_count = 0;  // so many are pruned at each rung before one goes on; for `asha` only
};

/// Stop-type: a trial that is not among the best 1/reduction_factor at its rung so far is pruned for good;
/// Optuna 5's SuccessiveHalvingPruner, which keeps the values at rungs in the system attributes
/// completed_rung_<k>.
std::unique_ptr<Pruner> make_asha_pruner(const HalvingOptions& options = {});

/// Promotion-type, as published: such a trial is parked, and resumed once enough others have reached its rung
/// to put it among the best 1/reduction_factor. Needs min_resource. A trial's value at a rung is its first at
/// or after the rung's step. NaN is pruned, as no later one can mend it.
std::unique_ptr<Pruner> make_asha_promotion_pruner(const HalvingOptions& options);

/// Reads the [pruner] table: name = "none" (the default), "median", "asha", "asha_promotion", and the options
/// above under the same names (by "none" they are read and mean nothing). Raises InputError with the line.
std::unique_ptr<Pruner> pruner_from_config(core::Config& config);

}  // namespace tessera::search
