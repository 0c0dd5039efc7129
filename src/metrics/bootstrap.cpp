// SPDX-License-Identifier: Apache-2.0
#include "metrics/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"

namespace tessera::metrics {
namespace {

constexpr double kMostUndefined = 0.05;  // of the resamples

// What a group adds to every metric; targets are taken off their overall mean, so that their squares do not
// drown what they differ by.
struct Sums {
  double records = 0, absolute = 0, squared = 0, target = 0, target_squared = 0;
  double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;  // target

  void add(const Sums& other) {
    records += other.records;
    absolute += other.absolute;
    squared += other.squared;
    target += other.target;
    target_squared += other.target_squared;
    lowest = std::min(lowest, other.lowest);
    highest = std::max(highest, other.highest);
  }
};

std::vector<Sums> sums_by_group(std::span<const double> target, std::span<const double> prediction,
                                std::span<const std::string> groups) {
  const double mean = std::accumulate(target.begin(), target.end(), 0.0) / static_cast<double>(target.size());
  std::map<std::string, Sums> by_name;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const double error = prediction[i] - target[i], off = target[i] - mean;
    by_name[groups[i]].add({.records = 1,
                            .absolute = std::abs(error),
                            .squared = error * error,
                            .target = off,
                            .target_squared = off * off,
                            .lowest = target[i],
                            .highest = target[i]});
  }
  std::vector<Sums> sums;
  for (const auto& [name, of_group] : by_name) sums.push_back(of_group);
  return sums;
}

// The share `level` of the values lies below, read off between the two nearest.
double quantile(const std::vector<double>& sorted, double level) {
  const double place = level * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval interval_of(std::vector<double> values, double confidence) {
  if (std::ranges::any_of(values, [](double value) { return std::isnan(value); })) return {};
  std::ranges::sort(values);
  const double tail = (1 - confidence) / 2;
  return {quantile(values, tail), quantile(values, 1 - tail)};
}

}  // namespace

RegressionIntervals bootstrap_intervals(std::span<const double> target, std::span<const double> prediction,
                                        std::span<const std::string> groups,
                                        const BootstrapOptions& options) {
  TESSERA_ASSERT(target.size() == prediction.size() && target.size() == groups.size());
  if (target.empty()) return {};
  const auto sums = sums_by_group(target, prediction, groups);
  if (sums.size() < 2) return {};

  std::vector<double> mae, rmse, r2;
  core::RandomStream random(options.seed, "bootstrap");
  for (std::int64_t i = 0; i < options.resamples; ++i) {
    Sums drawn;
    for (std::size_t draw = 0; draw < sums.size(); ++draw) drawn.add(sums[random.below(sums.size())]);
    mae.push_back(drawn.absolute / drawn.records);
    rmse.push_back(std::sqrt(drawn.squared / drawn.records));
    if (drawn.lowest < drawn.highest)
      r2.push_back(1 - drawn.squared / (drawn.target_squared - drawn.target * drawn.target / drawn.records));
  }
  RegressionIntervals intervals{.mae = interval_of(std::move(mae), options.confidence),
                                .rmse = interval_of(std::move(rmse), options.confidence),
                                .r2 = {}};
  if (static_cast<double>(r2.size()) >= (1 - kMostUndefined) * static_cast<double>(options.resamples))
    intervals.r2 = interval_of(std::move(r2), options.confidence);
  return intervals;
}

Interval bootstrap_mae_difference(std::span<const double> target, std::span<const double> a,
                                  std::span<const double> b, std::span<const std::string> groups,
                                  const BootstrapOptions& options) {
  struct Difference {
    double records = 0, sum = 0;
  };
  std::map<std::string, Difference> by_name;
  for (std::size_t i = 0; i < target.size(); ++i) {
    auto& group = by_name[groups[i]];
    group.records += 1;
    group.sum += std::abs(a[i] - target[i]) - std::abs(b[i] - target[i]);
  }
  if (by_name.size() < 2) return {};
  std::vector<Difference> differences;
  for (const auto& [name, of_group] : by_name) differences.push_back(of_group);

  std::vector<double> means;
  core::RandomStream random(options.seed, "bootstrap");
  for (std::int64_t i = 0; i < options.resamples; ++i) {
    Difference drawn;
    for (std::size_t draw = 0; draw < differences.size(); ++draw) {
      const auto& group = differences[random.below(differences.size())];
      drawn.records += group.records;
      drawn.sum += group.sum;
    }
    means.push_back(drawn.sum / drawn.records);
  }
  return interval_of(std::move(means), options.confidence);
}

}  // namespace tessera::metrics
