// SPDX-License-Identifier: Apache-2.0
// How far predicted numbers lie from true ones. Exact, in two passes over gathered pairs: given in the order
// of the records, the result does not depend on how many ranks made the predictions.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

namespace tessera::metrics {

/// In the unit of the targets; NaN where there is nothing to tell.
struct RegressionMetrics {
  static constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
  std::int64_t records = 0;
  double mae = kNothing;
  double rmse = kNothing;
  double r2 = kNothing;    // 1 − squared error over the targets' scatter; NaN where all targets are equal
  double maxe = kNothing;  // largest absolute error
};

/// Both spans of one length. A NaN among the predictions makes every metric NaN: never silently better.
RegressionMetrics regression_metrics(std::span<const double> target, std::span<const double> prediction);

}  // namespace tessera::metrics
