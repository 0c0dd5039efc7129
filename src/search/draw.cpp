// SPDX-License-Identifier: Apache-2.0
#include "search/draw.hpp"

#include <algorithm>
#include <cmath>

namespace tessera::search {

double value_at(const Distribution& distribution, double quantile) {
  if (const auto* real = std::get_if<FloatDistribution>(&distribution); real && !real->step) {
    if (!real->log) return std::min(real->low + quantile * (real->high - real->low), real->high);
    const double low = std::log(real->low), high = std::log(real->high);
    return std::clamp(std::exp(low + quantile * (high - low)), real->low, real->high);
  }
  if (const auto* whole = std::get_if<IntDistribution>(&distribution); whole && whole->log) {
    const double low = std::log(static_cast<double>(whole->low) - 0.5);
    const double high = std::log(static_cast<double>(whole->high) + 0.5);
    return nearest_value(distribution, std::exp(low + quantile * (high - low)));
  }
  const std::int64_t count = *num_values(distribution);
  const auto index = static_cast<std::int64_t>(quantile * static_cast<double>(count));
  return value_of_index(distribution, std::min(index, count - 1));
}

double nearest_value(const Distribution& distribution, double value) {
  double low = 0, step = 1;
  if (const auto* real = std::get_if<FloatDistribution>(&distribution)) {
    if (!real->step) return std::clamp(value, real->low, real->high);
    low = real->low, step = *real->step;
  } else if (const auto* whole = std::get_if<IntDistribution>(&distribution)) {
    low = static_cast<double>(whole->low), step = static_cast<double>(whole->step);
  }
  const double last = static_cast<double>(*num_values(distribution) - 1);
  const double index = std::clamp(std::nearbyint((value - low) / step), 0.0, last);
  return value_of_index(distribution, static_cast<std::int64_t>(index));
}

}  // namespace tessera::search
