// SPDX-License-Identifier: Apache-2.0
#include "search/trial_split.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace tessera::search {
namespace {

constexpr std::int64_t kMostGood = 25;

bool is_judged(const Trial& trial) {
  return trial.state == TrialState::kComplete || trial.state == TrialState::kPruned;
}

struct Ranked {
  // Less is better: pruned, steps not reached, value where it stood, number.
  std::tuple<bool, std::int64_t, double, std::int64_t> rank;
  const Trial* trial;
};

Ranked ranked(const Trial& trial, Direction direction) {
  constexpr double kWorst = std::numeric_limits<double>::infinity();
  const double sign = direction == Direction::kMinimize ? 1 : -1;
  if (trial.state == TrialState::kComplete)
    return {{false, 0, trial.value ? sign * *trial.value : kWorst, trial.number}, &trial};
  // A pruned one that reported nothing is the last.
  if (trial.intermediate.empty()) return {{true, 1, 0.0, trial.number}, &trial};
  const auto [step, value] = *trial.intermediate.rbegin();
  return {{true, -step, std::isnan(value) ? kWorst : sign * value, trial.number}, &trial};
}

}  // namespace

std::int64_t num_judged(const Study& study) {
  return std::ranges::count_if(study.trials, is_judged);
}

TrialSplit split_trials(const Study& study, std::int64_t own, bool running_are_bad) {
  std::vector<Ranked> judged;
  TrialSplit split;
  for (const Trial& trial : study.trials) {
    if (trial.number == own) continue;
    if (is_judged(trial)) judged.push_back(ranked(trial, study.direction));
    if (running_are_bad && trial.state == TrialState::kRunning) split.others.push_back(&trial);
  }
  const auto num_good = std::min<std::int64_t>((std::ssize(judged) + 9) / 10, kMostGood);
  if (num_good > 0) std::ranges::nth_element(judged, judged.begin() + (num_good - 1), {}, &Ranked::rank);
  for (std::int64_t i = 0; i < std::ssize(judged); ++i)
    (i < num_good ? split.good : split.others).push_back(judged[static_cast<std::size_t>(i)].trial);
  std::ranges::sort(split.good, {}, &Trial::number);
  std::ranges::sort(split.others, {}, &Trial::number);
  return split;
}

}  // namespace tessera::search
