// SPDX-License-Identifier: Apache-2.0
#include "search/tpe_densities.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace tessera::search {
namespace {

std::vector<Distribution> distributions_of(const Space& space, const std::vector<std::size_t>& parameters) {
  std::vector<Distribution> distributions;
  for (const std::size_t p : parameters) distributions.push_back(space.parameters()[p].distribution);
  return distributions;
}

constexpr std::size_t kAhead = 3;  // trials

// A map's nodes are a wait for memory each. A trial's were made together and mostly lie one behind the other:
// asking for all at once halves the time of the walk.
void prefetch(const Settings& settings) {
  constexpr std::size_t kLine = 64;
  const std::size_t bytes = settings.size() * (sizeof(Settings::value_type) + kLine);
  const char* first = settings.empty() ? nullptr : reinterpret_cast<const char*>(&*settings.begin());
  for (std::size_t line = 0; first && line * kLine < bytes; ++line) __builtin_prefetch(first + line * kLine);
}

}  // namespace

ObservedSettings::ObservedSettings(const Space& space, const std::vector<const Trial*>& trials)
    : num_parameters_(space.parameters().size()), num_trials_(trials.size()) {
  values_.assign(num_trials_ * num_parameters_, std::numeric_limits<double>::quiet_NaN());
  const auto& parameters = space.parameters();
  std::vector<std::size_t> by_key(num_parameters_);
  std::iota(by_key.begin(), by_key.end(), std::size_t{0});
  std::ranges::sort(by_key, {}, [&](std::size_t p) -> const std::string& { return parameters[p].key; });
  std::vector<Bounds> bounds;
  for (const auto& parameter : parameters) bounds.push_back(bounds_of(parameter.distribution));
  double* row = values_.data();
  for (std::size_t t = 0; t < trials.size(); ++t, row += num_parameters_) {
    if (t + kAhead < trials.size()) prefetch(trials[t + kAhead]->settings);
    // Settings are in order of key, too: one walk along both.
    auto next = by_key.begin();
    for (const auto& [key, setting] : trials[t]->settings) {
      while (next != by_key.end() && parameters[*next].key != key && parameters[*next].key < key) ++next;
      if (next == by_key.end()) break;
      if (parameters[*next].key != key) continue;
      if (bounds[*next].contain(setting.value)) row[*next] = setting.value;
      ++next;
    }
  }
}

std::vector<std::vector<double>> ObservedSettings::columns(const std::vector<std::size_t>& parameters) const {
  std::vector<std::vector<double>> columns(parameters.size());
  for (std::size_t t = 0; t < num_trials_; ++t) {
    const double* row = values_.data() + t * num_parameters_;
    if (std::ranges::any_of(parameters, [&](std::size_t p) { return std::isnan(row[p]); })) continue;
    for (std::size_t c = 0; c < parameters.size(); ++c) columns[c].push_back(row[parameters[c]]);
  }
  return columns;
}

TpeDensities::TpeDensities(const Space& space, const std::vector<std::size_t>& parameters,
                           const ObservedSettings& good, const ObservedSettings& others)
    : good_(distributions_of(space, parameters), good.columns(parameters)),
      others_(distributions_of(space, parameters), others.columns(parameters)) {}

std::vector<double> TpeDensities::log_ratio(std::span<const std::vector<double>> points) const {
  std::vector<double> ratio = good_.log_density(points);
  const std::vector<double> others = others_.log_density(points);
  for (std::size_t p = 0; p < ratio.size(); ++p) ratio[p] -= others[p];
  return ratio;
}

std::vector<double> TpeDensities::suggest(core::RandomStream& stream, std::int64_t candidates) const {
  std::vector<std::vector<double>> points;
  for (std::int64_t i = 0; i < candidates; ++i) points.push_back(good_.draw(stream));
  const auto ratio = log_ratio(points);
  return points[static_cast<std::size_t>(std::ranges::max_element(ratio) - ratio.begin())];
}

}  // namespace tessera::search
