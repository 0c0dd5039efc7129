// SPDX-License-Identifier: Apache-2.0
// How far figures of a few records may be trusted: intervals by the bootstrap (Efron 1979), which draws whole
// groups, for records of one group are no independent witnesses (Davison and Hinkley 1997, 3.8).
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>

namespace tessera::metrics {

/// NaN where there is nothing to tell.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

struct RegressionIntervals {
  Interval mae, rmse, r2;
};

struct BootstrapOptions {
  std::int64_t resamples = 10000;
  double confidence = 0.95;
  std::uint64_t seed = 0;
};

/// Percentile intervals of the metrics over all records, from as many groups as there are drawn with
/// replacement; `groups` names each record's. Nothing of fewer than two groups; of R² nothing either where
/// more than one resample in twenty has equal targets, for which it does not exist. The same on every
/// machine.
RegressionIntervals bootstrap_intervals(std::span<const double> target, std::span<const double> prediction,
                                        std::span<const std::string> groups,
                                        const BootstrapOptions& options = {});

/// Likewise, of how much larger the mean absolute error of `a` is than that of `b` on the same records: two
/// methods may differ for sure where their own intervals overlap.
Interval bootstrap_mae_difference(std::span<const double> target, std::span<const double> a,
                                  std::span<const double> b, std::span<const std::string> groups,
                                  const BootstrapOptions& options = {});

}  // namespace tessera::metrics
