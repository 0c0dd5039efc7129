// SPDX-License-Identifier: Apache-2.0
#include "search/importance.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "search/normal.hpp"

namespace tessera::search {
namespace {

constexpr double kBestShare = 0.1;
constexpr std::int64_t kGridPoints = 50;
constexpr double kLeastDensity = 1e-12;
constexpr std::size_t kFewestTrials = 2;  // with one distribution, for a density of theirs

// How often each point of a parameter's grid was tried.
using Counts = std::vector<double>;
using Trials = std::vector<const Trial*>;

// For numbers as many points as they have values, for a logarithmic integer as its range has doublings, at
// most 50.
std::int64_t num_grid_points(const Distribution& distribution) {
  if (const auto* whole = std::get_if<IntDistribution>(&distribution); whole && whole->log) {
    const double range = static_cast<double>(whole->high - whole->low + 1);
    return std::min(static_cast<std::int64_t>(std::ceil(std::log(range) / std::log(2.0))) + 1, kGridPoints);
  }
  return std::min(num_values(distribution).value_or(kGridPoints), kGridPoints);
}

Counts counts_on_grid(const Distribution& distribution, const std::string& key, const Trials& trials) {
  if (const auto* categorical = std::get_if<CategoricalDistribution>(&distribution)) {
    Counts counts(categorical->choices.size());
    for (const Trial* trial : trials) ++counts.at(static_cast<std::size_t>(trial->settings.at(key).value));
    return counts;
  }
  Counts counts(static_cast<std::size_t>(num_grid_points(distribution)));
  auto [low, high] = bounds_of(distribution);
  const auto* real = std::get_if<FloatDistribution>(&distribution);
  const bool log = real ? real->log : std::get<IntDistribution>(distribution).log;
  if (log) low = std::log(low), high = std::log(high);
  const double last = static_cast<double>(counts.size() - 1), step = (high - low) / last;
  for (const Trial* trial : trials) {
    const double value = trial->settings.at(key).value;
    // What lies in the middle goes to the lower point.
    const double place = std::ceil(((log ? std::log(value) : value) - low) / step - 0.5);
    ++counts[static_cast<std::size_t>(std::clamp(place, 0.0, last))];
  }
  return counts;
}

// The width of all kernels on a grid of spacing 1, by Scott's rule (1992) on the quartiles or the deviation.
double scott_width(const std::vector<double>& places, const std::vector<double>& weights) {
  double sum = 0, mean = 0, squares = 0;
  std::vector<double> cumulated;
  for (std::size_t i = 0; i < places.size(); ++i) {
    cumulated.push_back(sum += weights[i]);
    mean += places[i] * weights[i];
  }
  mean /= sum;
  for (std::size_t i = 0; i < places.size(); ++i) squares += weights[i] * std::pow(places[i] - mean, 2);
  const double deviation = std::sqrt(squares / std::max(1.0, sum - 1));
  const auto first = std::ranges::lower_bound(cumulated, std::floor(sum / 4)) - cumulated.begin();
  const auto third = std::ranges::upper_bound(cumulated, std::floor(sum * 3 / 4)) - cumulated.begin();
  const auto place = [&](std::ptrdiff_t i) {
    return places[static_cast<std::size_t>(std::min(i, std::ssize(places) - 1))];
  };
  const double quartiles = place(third) - place(first);
  // Nine tenths of a narrower kernel would fall on one point.
  return std::max(1.059 * std::min(quartiles / 1.34, deviation) * std::pow(sum, -0.2), 0.5 / 1.64);
}

// At each point of the grid: a kernel for each point tried, weighted by its count, and a prior of weight 1.
std::vector<double> density(const Distribution& distribution, const Counts& counts) {
  std::vector<double> places, weights;
  double sum = 1;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) {
      places.push_back(static_cast<double>(i));
      weights.push_back(counts[i]);
      sum += counts[i];
    }
  const double size = static_cast<double>(counts.size());
  std::vector<double> density(counts.size(), 0.0);
  if (std::holds_alternative<CategoricalDistribution>(distribution)) {
    const double even = 1 / static_cast<double>(places.size() + 1), norm = 1 + size * even;
    for (std::size_t i = 0; i < counts.size(); ++i)
      density[i] = ((counts[i] + (sum - 1) * even) / norm + 1 / size) / sum + kLeastDensity;
    return density;
  }
  const double width = scott_width(places, weights);
  const auto add = [&](double center, double kernel_width, double weight) {
    const double whole =
        log_normal_mass((-0.5 - center) / kernel_width, (size - 0.5 - center) / kernel_width);
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const double place = static_cast<double>(i) - center;
      density[i] +=
          weight / sum *
          std::exp(log_normal_mass((place - 0.5) / kernel_width, (place + 0.5) / kernel_width) - whole);
    }
  };
  for (std::size_t k = 0; k < places.size(); ++k) add(places[k], width, weights[k]);
  add((size - 1) / 2, size, 1);
  for (double& value : density) value += kLeastDensity;
  return density;
}

double pearson_divergence(const Distribution& distribution, const std::string& key, const Trials& best,
                          const Trials& all) {
  const auto of_best = density(distribution, counts_on_grid(distribution, key, best));
  const auto of_all = density(distribution, counts_on_grid(distribution, key, all));
  double sum = 0;
  for (std::size_t i = 0; i < of_all.size(); ++i) sum += of_all[i] * std::pow(of_best[i] / of_all[i] - 1, 2);
  return sum;
}

// The trials that drew `key`, by the distribution they drew it from.
std::vector<std::pair<Distribution, Trials>> by_distribution(const std::string& key, const Trials& trials) {
  std::vector<std::pair<Distribution, Trials>> parts;
  for (const Trial* trial : trials) {
    const auto setting = trial->settings.find(key);
    if (setting == trial->settings.end()) continue;
    const auto same =
        std::ranges::find(parts, setting->second.distribution, &std::pair<Distribution, Trials>::first);
    if (same != parts.end())
      same->second.push_back(trial);
    else
      parts.push_back({setting->second.distribution, {trial}});
  }
  return parts;
}

// All that are no worse than the last of the best tenth.
std::set<const Trial*> best_of(const Trials& trials, Direction direction) {
  const double sign = direction == Direction::kMinimize ? 1 : -1;
  std::vector<double> values;
  for (const Trial* trial : trials) values.push_back(sign * *trial->value);
  const auto last =
      static_cast<std::ptrdiff_t>(std::ceil(kBestShare * static_cast<double>(values.size()))) - 1;
  std::ranges::nth_element(values, values.begin() + last);
  const double bound = values[static_cast<std::size_t>(last)];
  std::set<const Trial*> best;
  for (const Trial* trial : trials)
    if (sign * *trial->value <= bound) best.insert(trial);
  return best;
}

}  // namespace

std::map<std::string, double> importance(const Study& study) {
  Trials trials;
  std::map<std::string, double> importance;
  for (const Trial& trial : study.trials) {
    if (trial.state != TrialState::kComplete) continue;
    for (const auto& [key, setting] : trial.settings) importance[key] = 0;
    if (trial.value && std::isfinite(*trial.value)) trials.push_back(&trial);
  }
  if (trials.size() < 2) return importance;

  const auto best = best_of(trials, study.direction);
  const auto share = [](std::size_t part, std::size_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  };
  for (auto& [key, value] : importance) {
    for (const auto& [distribution, all] : by_distribution(key, trials)) {
      Trials best_here;
      std::ranges::copy_if(all, std::back_inserter(best_here),
                           [&](const Trial* trial) { return best.contains(trial); });
      if (all.size() < kFewestTrials || best_here.empty() || num_values(distribution) == 1) continue;
      value += std::pow(share(best_here.size(), best.size()), 2) / share(all.size(), trials.size()) *
               pearson_divergence(distribution, key, best_here, all);
    }
    value *= std::pow(share(best.size(), trials.size()), 2);
  }
  return importance;
}

std::map<std::string, double> importance_shares(const Study& study) {
  auto shares = importance(study);
  double sum = 0;
  for (const auto& [key, value] : shares) sum += value;
  for (auto& [key, value] : shares) value = sum == 0 ? 1 / static_cast<double>(shares.size()) : value / sum;
  return shares;
}

}  // namespace tessera::search
