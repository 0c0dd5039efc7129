// SPDX-License-Identifier: Apache-2.0
#include "train/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tessera::train {
namespace {

// From 1 to 0 over progress 0 to 1 (Loshchilov and Hutter 2017).
double half_cosine(double progress) {
  return 0.5 * (1.0 + std::cos(std::numbers::pi * std::clamp(progress, 0.0, 1.0)));
}

// Smith and Topin 2018, with the shape PyTorch gives it: up by a cosine over the first 30 %, from 1/25 of the
// peak, then down to 1/250 000.
double one_cycle(double progress) {
  constexpr double kRise = 0.3, kStart = 1.0 / 25, kEnd = kStart / 1e4;
  if (progress < kRise) return 1.0 - (1.0 - kStart) * half_cosine(progress / kRise);
  return kEnd + (1.0 - kEnd) * half_cosine((progress - kRise) / (1.0 - kRise));
}

}  // namespace

double Schedule::rate(std::int64_t step) const {
  const double epoch = static_cast<double>(step) / static_cast<double>(options_.steps_per_epoch);
  const double warmup_steps = options_.warmup_epochs * static_cast<double>(options_.steps_per_epoch);
  if (static_cast<double>(step) < warmup_steps)
    return options_.learning_rate * static_cast<double>(step + 1) / warmup_steps;

  const double after_warmup = static_cast<double>(options_.epochs) - options_.warmup_epochs;
  const double progress = after_warmup > 0 ? (epoch - options_.warmup_epochs) / after_warmup : 1.0;
  double factor = 1.0;
  if (options_.name == "step")
    factor = std::pow(options_.step_factor, std::floor(epoch / static_cast<double>(options_.step_epochs)));
  if (options_.name == "cosine") factor = half_cosine(progress);
  if (options_.name == "one_cycle") factor = one_cycle(progress);
  if (options_.name == "plateau") factor = state.plateau_scale;
  return options_.learning_rate * factor;
}

void Schedule::observe(bool metric_improved) {
  if (metric_improved) {
    state.epochs_without_gain = 0;
  } else if (++state.epochs_without_gain > options_.plateau_patience) {
    state.plateau_scale *= options_.step_factor;
    state.epochs_without_gain = 0;
  }
}

}  // namespace tessera::train
