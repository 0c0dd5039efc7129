// SPDX-License-Identifier: Apache-2.0
#include "search/space.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tessera::search {

Space::Space(std::vector<Parameter> parameters) : parameters_(std::move(parameters)) {}

bool Space::is_active(const Parameter& parameter, const Settings& settings) const {
  if (!parameter.when) return true;
  // An inactive parent has no setting.
  const auto parent = settings.find(parameters_[parameter.when->parent].key);
  return parent != settings.end() && std::ranges::binary_search(parameter.when->values, parent->second.value);
}

std::vector<std::vector<std::size_t>> Space::groups() const {
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t p = 0; p < parameters_.size(); ++p) {
    const auto& when = parameters_[p].when;
    const auto same =
        std::ranges::find_if(groups, [&](const auto& group) { return parameters_[group[0]].when == when; });
    if (same != groups.end())
      same->push_back(p);
    else
      groups.insert(when ? groups.end() : groups.begin(), std::vector<std::size_t>{p});
  }
  return groups;
}

std::optional<std::int64_t> num_values(const Distribution& distribution) {
  if (const auto* categorical = std::get_if<CategoricalDistribution>(&distribution))
    return std::ssize(categorical->choices);
  if (const auto* whole = std::get_if<IntDistribution>(&distribution))
    return (whole->high - whole->low) / whole->step + 1;
  const auto& real = std::get<FloatDistribution>(distribution);
  if (!real.step) return std::nullopt;
  return std::llround((real.high - real.low) / *real.step) + 1;
}

double value_of_index(const Distribution& distribution, std::int64_t index) {
  if (const auto* whole = std::get_if<IntDistribution>(&distribution))
    return static_cast<double>(whole->low + index * whole->step);
  if (const auto* real = std::get_if<FloatDistribution>(&distribution))
    return std::min(real->low + static_cast<double>(index) * real->step.value(), real->high);
  return static_cast<double>(index);
}

std::optional<std::int64_t> index_of_value(const Distribution& distribution, double value) {
  const auto count = num_values(distribution);
  if (!count || !std::isfinite(value)) return std::nullopt;
  double place = value;
  if (const auto* whole = std::get_if<IntDistribution>(&distribution))
    place = (value - static_cast<double>(whole->low)) / static_cast<double>(whole->step);
  if (const auto* real = std::get_if<FloatDistribution>(&distribution))
    place = (value - real->low) / *real->step;
  const double nearest = std::round(place);
  if (std::abs(place - nearest) > 1e-6 || nearest < 0 || nearest >= static_cast<double>(*count))
    return std::nullopt;
  return static_cast<std::int64_t>(nearest);
}

Bounds bounds_of(const Distribution& distribution) {
  if (const auto* real = std::get_if<FloatDistribution>(&distribution)) return {real->low, real->high};
  if (const auto* whole = std::get_if<IntDistribution>(&distribution))
    return {static_cast<double>(whole->low), static_cast<double>(whole->high)};
  return {0, static_cast<double>(std::get<CategoricalDistribution>(distribution).choices.size() - 1)};
}

}  // namespace tessera::search
