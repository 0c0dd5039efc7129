// SPDX-License-Identifier: Apache-2.0
// The two densities of TPE for parameters that are drawn together: l of the good trials, g of the others.
#pragma once

#include <span>
#include <vector>

#include "core/random.hpp"
#include "search/parzen_estimator.hpp"
#include "search/space.hpp"
#include "search/trial_split.hpp"

namespace tessera::search {

/// The settings of trials as a table. Values outside the space's range are as good as absent.
class ObservedSettings {
 public:
  ObservedSettings(const Space& space, const std::vector<const Trial*>& trials);
  /// A list for each of `parameters`, of the trials that have them all.
  std::vector<std::vector<double>> columns(const std::vector<std::size_t>& parameters) const;

 private:
  std::size_t num_parameters_, num_trials_;
  std::vector<double> values_;  // (trials, parameters), NaN where absent
};

class TpeDensities {
 public:
  TpeDensities(const Space& space, const std::vector<std::size_t>& parameters, const ObservedSettings& good,
               const ObservedSettings& others);

  /// log l - log g at each point, a value for each parameter.
  std::vector<double> log_ratio(std::span<const std::vector<double>> points) const;
  /// Of `candidates` draws from l that of the largest log l - log g, the first of equals.
  std::vector<double> suggest(core::RandomStream& stream, std::int64_t candidates) const;

 private:
  ParzenEstimator good_, others_;
};

}  // namespace tessera::search
