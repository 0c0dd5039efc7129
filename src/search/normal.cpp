// SPDX-License-Identifier: Apache-2.0
#include "search/normal.hpp"

#include <cmath>
#include <limits>
#include <numbers>

namespace tessera::search {
namespace {

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

}  // namespace

double log_normal_cdf(double x) {
  if (x > 6) return -normal_cdf(-x);
  if (x > -20) return std::log(normal_cdf(x));
  double sum = 1, term = 1;
  for (int i = 1; std::abs(term) > std::numeric_limits<double>::epsilon(); ++i)
    sum += term *= -(2 * i - 1) / (x * x);
  return -0.5 * x * x - std::log(-x) - 0.5 * std::log(2 * std::numbers::pi) + std::log(sum);
}

double log_normal_mass(double a, double b) {
  if (a > 0) return log_normal_mass(-b, -a);
  // Beyond 9 there is less than a double tells from nothing.
  if (b > 0) {
    const double outside = (a < -9 ? 0 : normal_cdf(a)) + (b > 9 ? 0 : normal_cdf(-b));
    return outside == 0 ? 0 : std::log1p(-outside);
  }
  if (a > -20) return std::log(normal_cdf(b) - normal_cdf(a));
  const double log_b = log_normal_cdf(b);
  return log_b + std::log1p(-std::exp(log_normal_cdf(a) - log_b));
}

}  // namespace tessera::search
