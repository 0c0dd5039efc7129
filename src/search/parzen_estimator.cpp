// SPDX-License-Identifier: Apache-2.0
#include "search/parzen_estimator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "search/draw.hpp"
#include "search/normal.hpp"

namespace tessera::search {
namespace {

constexpr std::size_t kFlat = 25;    // youngest observations with weight 1
constexpr std::size_t kBlock = 512;  // kernels whose exponents stay in the nearest cache
constexpr double kNegligible = 45;   // a term e^-45 below the largest is beyond a double's digits

// So many widths from a kernel its mass weighs less than e^-45 of the prior's, whatever the other columns
// say: there a kernel may exceed the prior a hundredfold (magic clip), or by the number of choices.
double far_away(std::size_t num_columns) {
  return std::sqrt(2 * (kNegligible + 5 + 7 * static_cast<double>(num_columns)));
}

// Oldest first, not yet normalised; the prior's is last.
std::vector<double> mixture_weights(std::size_t count) {
  std::vector<double> weights(count + 1, 1.0);
  const std::size_t old = count > kFlat ? count - kFlat : 0;
  const double first = 1.0 / static_cast<double>(std::max<std::size_t>(count, 1));
  for (std::size_t i = 0; i < old; ++i)
    weights[i] =
        old == 1 ? first : first + (1.0 - first) * static_cast<double>(i) / static_cast<double>(old - 1);
  return weights;
}

}  // namespace

ParzenEstimator::ParzenEstimator(std::vector<Distribution> distributions,
                                 const std::vector<std::vector<double>>& observations)
    : num_kernels_(observations.front().size() + 1) {
  cumulated_weights_ = mixture_weights(num_kernels_ - 1);
  double sum = 0;
  for (const double weight : cumulated_weights_) sum += weight;
  log_scale_.resize(num_kernels_);
  double cumulated = 0;
  for (std::size_t k = 0; k < num_kernels_; ++k) {
    log_scale_[k] = std::log(cumulated_weights_[k] / sum);
    cumulated += cumulated_weights_[k] / sum;
    cumulated_weights_[k] = cumulated;
  }
  for (std::size_t c = 0; c < distributions.size(); ++c) {
    Column& column = columns_.emplace_back();
    column.distribution = std::move(distributions[c]);
    if (std::holds_alternative<CategoricalDistribution>(column.distribution))
      add_choices(column, observations[c]);
    else
      add_numbers(column, observations[c]);
  }
}

void ParzenEstimator::add_choices(Column& column, const std::vector<double>& observations) {
  const auto count = std::get<CategoricalDistribution>(column.distribution).choices.size();
  column.center = observations;
  column.center.push_back(static_cast<double>(count));  // the prior's: no choice of its own
  for (const double center : column.center) column.class_of.push_back(static_cast<int>(center));
}

void ParzenEstimator::add_numbers(Column& column, const std::vector<double>& observations) {
  if (const auto* real = std::get_if<FloatDistribution>(&column.distribution)) {
    column.low = real->low, column.high = real->high, column.log = real->log;
    column.half_step = real->step.value_or(0) / 2;
  } else {
    const auto& whole = std::get<IntDistribution>(column.distribution);
    column.low = static_cast<double>(whole.low), column.high = static_cast<double>(whole.high);
    column.log = whole.log;
    column.half_step = static_cast<double>(whole.step) / 2;
  }
  column.low -= column.half_step;
  column.high += column.half_step;
  column.center = observations;
  if (column.log) {
    column.low = std::log(column.low), column.high = std::log(column.high);
    for (double& center : column.center) center = std::log(center);
  }
  column.width = kernel_widths(column.center, column.low, column.high);
  column.center.push_back(0.5 * (column.low + column.high));
  column.width.push_back(column.high - column.low);
  const auto log_mass = [&](double center, double width) {
    return log_normal_mass((column.low - center) / width, (column.high - center) / width);
  };

  if (column.half_step == 0) {
    column.inverse_width.resize(num_kernels_);
    double last_width = 0, log_norm = 0;  // most have the least width
    for (std::size_t k = 0; k < num_kernels_; ++k) {
      const double width = column.width[k];
      if (width != last_width) log_norm = std::log(width * std::sqrt(2 * std::numbers::pi));
      last_width = width;
      column.inverse_width[k] = 1 / width;
      log_scale_[k] -= log_mass(column.center[k], width) + log_norm;
    }
    return;
  }
  // Where the values are few, kernels at one value differ in their width only; else each is a class.
  const std::int64_t num = *num_values(column.distribution);
  std::vector<int> first_class, next_class;
  if (num <= 2 * static_cast<std::int64_t>(num_kernels_))
    first_class.assign(static_cast<std::size_t>(num), -1);
  for (std::size_t k = 0; k < num_kernels_; ++k) {
    int* head = nullptr;
    if (!first_class.empty() && k < observations.size())
      head = &first_class[static_cast<std::size_t>(
          index_of_value(column.distribution, observations[k]).value_or(0))];
    int found = head ? *head : -1;
    while (found >= 0 && (column.class_width[static_cast<std::size_t>(found)] != column.width[k] ||
                          column.class_center[static_cast<std::size_t>(found)] != column.center[k]))
      found = next_class[static_cast<std::size_t>(found)];
    if (found < 0) {
      found = static_cast<int>(column.class_center.size());
      column.class_center.push_back(column.center[k]);
      column.class_width.push_back(column.width[k]);
      column.class_log_mass.push_back(log_mass(column.center[k], column.width[k]));
      next_class.push_back(head ? *head : -1);
      if (head) *head = found;
    }
    column.class_of.push_back(found);
  }
}

std::vector<double> ParzenEstimator::draw(core::RandomStream& stream) const {
  const auto chosen =
      std::upper_bound(cumulated_weights_.begin(), cumulated_weights_.end() - 1, stream.uniform());
  const auto k = static_cast<std::size_t>(chosen - cumulated_weights_.begin());
  std::vector<double> values;
  for (const Column& column : columns_) {
    if (const auto* categorical = std::get_if<CategoricalDistribution>(&column.distribution)) {
      // The even part of a kernel has count / (n + 1) for the observed choice's 1; the prior is even only.
      const std::size_t count = categorical->choices.size();
      const double even = static_cast<double>(count) / static_cast<double>(num_kernels_);
      const bool is_even = k + 1 == num_kernels_ || stream.uniform() * (1 + even) < even;
      values.push_back(is_even ? static_cast<double>(stream.below(count)) : column.center[k]);
      continue;
    }
    // A center inside the bounds and a width of at most their distance: a third of the draws or more fall
    // inside.
    double value = column.center[k] + column.width[k] * stream.normal();
    while (!(value >= column.low && value <= column.high))
      value = column.center[k] + column.width[k] * stream.normal();
    values.push_back(nearest_value(column.distribution, column.log ? std::exp(value) : value));
  }
  return values;
}

std::vector<double> ParzenEstimator::class_log_factors(const Column& column, double value) const {
  std::vector<double> factors;
  if (const auto* categorical = std::get_if<CategoricalDistribution>(&column.distribution)) {
    const double count = static_cast<double>(categorical->choices.size());
    const double even = 1 / static_cast<double>(num_kernels_), norm = 1 + count * even;
    factors.assign(categorical->choices.size() + 1, std::log(even / norm));
    factors[static_cast<std::size_t>(value)] = std::log((1 + even) / norm);
    factors.back() = -std::log(count);
    return factors;
  }
  double left = value - column.half_step, right = value + column.half_step;
  if (column.log) left = std::log(left), right = std::log(right);
  const double far = far_away(columns_.size());
  for (std::size_t c = 0; c < column.class_center.size(); ++c) {
    const double a = (left - column.class_center[c]) / column.class_width[c];
    const double b = (right - column.class_center[c]) / column.class_width[c];
    factors.push_back(a > far || b < -far ? -std::numeric_limits<double>::infinity()
                                          : log_normal_mass(a, b) - column.class_log_mass[c]);
  }
  return factors;
}

std::vector<double> ParzenEstimator::log_density(std::span<const std::vector<double>> points) const {
  const std::size_t num_points = points.size();
  // What does not depend on the kernel, or is shared by many.
  std::vector<std::vector<std::vector<double>>> factors(columns_.size());  // column, point, class
  std::vector<std::vector<double>> places(columns_.size());                // column, point
  for (std::size_t c = 0; c < columns_.size(); ++c)
    for (std::size_t p = 0; p < num_points; ++p) {
      const double value = points[p][c];
      places[c].push_back(columns_[c].log ? std::log(value) : value);
      if (columns_[c].class_of.empty()) continue;
      std::size_t same = 0;
      while (points[same][c] != value) ++same;
      factors[c].push_back(same < p ? factors[c][same] : class_log_factors(columns_[c], value));
    }

  std::vector<double> largest(num_points, -std::numeric_limits<double>::infinity()), sum(num_points, 0.0);
  std::vector<double> exponent(kBlock);
  for (std::size_t begin = 0; begin < num_kernels_; begin += kBlock) {
    const std::size_t size = std::min(kBlock, num_kernels_ - begin);
    for (std::size_t p = 0; p < num_points; ++p) {
      std::copy_n(log_scale_.begin() + static_cast<std::ptrdiff_t>(begin), size, exponent.begin());
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        const Column& column = columns_[c];
        if (column.class_of.empty()) {
          const double x = places[c][p];
          const double *center = column.center.data() + begin, *inverse = column.inverse_width.data() + begin;
          for (std::size_t k = 0; k < size; ++k) {
            const double z = (x - center[k]) * inverse[k];
            exponent[k] -= 0.5 * z * z;
          }
        } else {
          const double* factor = factors[c][p].data();
          const int* class_of = column.class_of.data() + begin;
          for (std::size_t k = 0; k < size; ++k) exponent[k] += factor[class_of[k]];
        }
      }
      double top = largest[p];
      for (std::size_t k = 0; k < size; ++k) top = std::max(top, exponent[k]);
      if (top > largest[p]) {
        sum[p] *= std::exp(largest[p] - top);
        largest[p] = top;
      }
      for (std::size_t k = 0; k < size; ++k)
        if (exponent[k] > top - kNegligible) sum[p] += std::exp(exponent[k] - top);
    }
  }
  std::vector<double> log_densities(num_points);
  for (std::size_t p = 0; p < num_points; ++p) log_densities[p] = largest[p] + std::log(sum[p]);
  return log_densities;
}

}  // namespace tessera::search
