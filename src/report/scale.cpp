// SPDX-License-Identifier: Apache-2.0
#include "report/scale.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/number.hpp"

namespace tessera::report {
namespace {

// The least of 1, 2, 5 times a power of ten that is not below `step`.
double round_step(double step) {
  const double power = std::pow(10.0, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= step * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

// All labels of an axis with the same number of decimals.
std::string tick_label(double value, double step) {
  if (std::abs(value) < step / 2) return "0";
  if (std::abs(value) >= 1e6 || step < 1e-4) return format_number(value, 3);
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  if (decimals == 0) return format_count(std::llround(value));
  return (value < 0 ? "−" : "") + fmt::format("{:.{}f}", std::abs(value), decimals);
}

}  // namespace

Interval interval_of(std::span<const double> values, bool logarithmic, double margin) {
  bool any = false;
  Interval interval;
  for (const double value : values) {
    if (!std::isfinite(value) || (logarithmic && value <= 0)) continue;
    interval.low = any ? std::min(interval.low, value) : value;
    interval.high = any ? std::max(interval.high, value) : value;
    any = true;
  }
  if (!any) return logarithmic ? Interval{0.1, 1} : Interval{0, 1};
  if (logarithmic) {
    const double widen =
        std::max(1.05, std::exp(margin * (std::log(interval.high) - std::log(interval.low))));
    return {std::max(interval.low / widen, std::numeric_limits<double>::min()),
            std::min(interval.high * widen, std::numeric_limits<double>::max())};
  }
  double widen = margin * (interval.high - interval.low);
  // Values equal but for rounding leave no room for ticks between them.
  const double size = std::max(std::abs(interval.low), std::abs(interval.high));
  if (interval.high - interval.low <= 1e-9 * size) widen = size == 0 ? 1 : 0.1 * size;
  return {interval.low - widen, interval.high + widen};
}

std::vector<Tick> linear_ticks(Interval interval, int most) {
  const double step = round_step((interval.high - interval.low) / most);
  std::vector<Tick> ticks;
  const double first = std::ceil(interval.low / step - 1e-9);
  for (int i = 0; i <= most; ++i) {
    const double value = (first + i) * step;
    if (value <= interval.high + 1e-9 * step) ticks.push_back({value, tick_label(value, step)});
  }
  return ticks;
}

std::vector<Tick> logarithmic_ticks(Interval interval, int most) {
  const double decades = std::log10(interval.high) - std::log10(interval.low);
  if (decades < 0.7) return linear_ticks(interval, most - 1);
  const bool subdivided = decades < most / 3.0 + 0.5;
  const int stride = std::max(1, static_cast<int>(std::round(decades / most)));
  std::vector<Tick> ticks;
  for (int exponent = static_cast<int>(std::floor(std::log10(interval.low))); exponent <= 308;
       exponent += stride)
    for (const int factor : {1, 2, 5}) {
      const double value = factor * std::pow(10.0, exponent);
      if (value > interval.high * (1 + 1e-9)) return ticks;
      if (value < interval.low * (1 - 1e-9) || (factor != 1 && !subdivided)) continue;
      const bool plain = exponent >= -3 && exponent <= 4;
      const std::string power = power_of_ten(exponent);
      ticks.push_back({value, plain         ? tick_label(value, std::pow(10.0, exponent))
                              : factor == 1 ? power
                                            : fmt::format("{}·{}", factor, power)});
    }
  return ticks;
}

double Scale::operator()(double value) const {
  const auto measure = [this](double at) { return logarithmic_ ? std::log(at) : at; };
  const double low = measure(interval_.low), high = measure(interval_.high);
  return from_ + (measure(value) - low) / (high - low) * (to_ - from_);
}

bool Scale::can_show(double value) const {
  return std::isfinite(value) && !(logarithmic_ && value <= 0);
}

std::vector<Tick> Scale::ticks(int most) const {
  return logarithmic_ ? logarithmic_ticks(interval_, most) : linear_ticks(interval_, most);
}

}  // namespace tessera::report
