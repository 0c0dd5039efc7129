// SPDX-License-Identifier: Apache-2.0
#include "metrics/regression.hpp"

#include <algorithm>
#include <cmath>

#include "core/error.hpp"

namespace tessera::metrics {

RegressionMetrics regression_metrics(std::span<const double> target, std::span<const double> prediction) {
  TESSERA_ASSERT(target.size() == prediction.size());
  RegressionMetrics metrics;
  metrics.records = static_cast<std::int64_t>(target.size());
  if (target.empty()) return metrics;

  const double count = static_cast<double>(target.size());
  double absolute = 0, squared = 0, largest = 0, mean = 0;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const double error = std::abs(prediction[i] - target[i]);
    absolute += error;
    squared += error * error;
    largest = std::max(largest, error);
    mean += target[i] / count;
  }
  double scatter = 0;
  for (double value : target) scatter += (value - mean) * (value - mean);

  metrics.mae = absolute / count;
  metrics.rmse = std::sqrt(squared / count);
  metrics.maxe = std::isnan(absolute) ? absolute : largest;  // std::max passes a NaN by
  const bool all_equal = std::all_of(target.begin(), target.end(), [&](double t) { return t == target[0]; });
  if (!all_equal) metrics.r2 = 1 - squared / scatter;
  return metrics;
}

}  // namespace tessera::metrics
