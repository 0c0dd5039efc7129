// SPDX-License-Identifier: Apache-2.0
// What to try next. A suggestion depends on the seed, the trial's number and the trials shown, and on nothing
// else: whoever asks, at whatever time, is told the same. A study is therefore replayed, with any number of
// workers, by showing the same trials.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/config.hpp"
#include "search/space.hpp"
#include "search/trial.hpp"

namespace tessera::search {

class Sampler {
 public:
  virtual ~Sampler() = default;

  /// The settings of trial `trial_number`, which `study` may hold already; nothing where there is nothing
  /// left to try (a grid at its end). Trials of the study may be in any state and may lack any parameter;
  /// those that hold a value outside the space's range do not count for that parameter. Safe to call from
  /// several threads.
  virtual std::optional<Settings> suggest(const Space& space, const Study& study,
                                          std::int64_t trial_number) const = 0;
};

/// Even draws over the space, log and steps by Optuna's rules.
std::unique_ptr<Sampler> make_random_sampler(std::uint64_t seed);

/// Every point of the grid once, in its order (grid.hpp). Points that no shown trial holds are next; trials
/// with a lower number that are not shown are taken to hold the first of these, so that workers who do not
/// see each other's trials take different points.
std::unique_ptr<Sampler> make_grid_sampler();

/// Points that leave no large gaps: Halton's sequence, one dimension a parameter, digits permuted at random
/// (Owen 2017), point `trial_number` of it.
std::unique_ptr<Sampler> make_quasi_random_sampler(std::uint64_t seed);

struct TpeOptions {
  std::uint64_t seed = 0;
  bool multivariate = true;          // parameters of a group (space.hpp) together, or each by itself
  bool constant_liar = true;         // running trials count as bad: workers keep out of each other's way
  std::int64_t startup_trials = 10;  // even draws until so many are complete or pruned
  std::int64_t candidates = 24;      // draws from the good density, of which the best is taken
};

/// Tree-structured Parzen estimator (Bergstra et al. 2011) by the rules of Optuna 5 (Watanabe 2023 explains
/// them); see parzen_estimator.hpp.
std::unique_ptr<Sampler> make_tpe_sampler(const TpeOptions& options = {});

/// Reads the [sampler] table: name = "tpe" (the default), "random", "grid" or "quasi_random"; seed; of tpe
/// also multivariate, constant_liar, startup_trials, candidates. Raises InputError with the line, also for a
/// grid over a space that has none.
std::unique_ptr<Sampler> sampler_from_config(core::Config& config, const Space& space);

}  // namespace tessera::search
