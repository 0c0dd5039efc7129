// SPDX-License-Identifier: Apache-2.0
#include "search/trial_split.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>

namespace tessera::search {
namespace {

constexpr std::int64_t kMostGood = 25;

// Less is better: pruned, steps not reached, value where it stood, number.
using Rank = std::tuple<bool, std::int64_t, double, std::int64_t>;

Rank rank_of(const Trial& trial, Direction direction) {
  constexpr double kWorst = std::numeric_limits<double>::infinity();
  const double sign = direction == Direction::kMinimize ? 1 : -1;
  if (trial.state == TrialState::kComplete)
    return {false, 0, trial.value ? sign * *trial.value : kWorst, trial.number};
  // A pruned one that reported nothing is the last.
  if (trial.intermediate.empty()) return {true, 1, 0.0, trial.number};
  const auto [step, value] = *trial.intermediate.rbegin();
  return {true, -step, std::isnan(value) ? kWorst : sign * value, trial.number};
}

}  // namespace

TrialSplit split_trials(const Study& study, std::int64_t own, bool running_are_bad) {
  std::vector<Rank> ranks;
  std::vector<const Trial*> shown;
  for (const Trial& trial : study.trials) {
    const bool is_judged = trial.state == TrialState::kComplete || trial.state == TrialState::kPruned;
    const bool counts = is_judged || (running_are_bad && trial.state == TrialState::kRunning);
    if (trial.number == own || !counts) continue;
    shown.push_back(&trial);
    if (is_judged) ranks.push_back(rank_of(trial, study.direction));
  }
  TrialSplit split;
  split.num_judged = std::ssize(ranks);
  const auto num_good = std::min<std::int64_t>((split.num_judged + 9) / 10, kMostGood);
  std::set<std::int64_t> good;
  if (num_good > 0) std::ranges::nth_element(ranks, ranks.begin() + (num_good - 1));
  for (std::int64_t i = 0; i < num_good; ++i) good.insert(std::get<3>(ranks[static_cast<std::size_t>(i)]));
  for (const Trial* trial : shown)
    (good.contains(trial->number) ? split.good : split.others).push_back(trial);
  return split;
}

}  // namespace tessera::search
