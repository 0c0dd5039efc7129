// SPDX-License-Identifier: Apache-2.0
// Trainings whose values after each epoch are known, under a pruner, in virtual time.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "search/pruner.hpp"

namespace tessera::test {

using Curve = std::vector<double>;  // a value after each epoch, the lower the better

/// A trial's value: that of its best epoch, whose checkpoint it keeps.
inline double best_of(const Curve& curve) {
  return *std::ranges::min_element(curve);
}

struct PrunedSearch {
  std::int64_t epochs = 0;  // trained in all
  double best = std::numeric_limits<double>::infinity();
};

/// So many workers train an epoch a unit of time each; one that is free resumes what is due, or starts the
/// next curve. Ends when one that was gone through is `good` or better, or none is left.
inline PrunedSearch searched(const search::Pruner& pruner, const std::vector<Curve>& curves,
                             std::size_t workers, double good = -std::numeric_limits<double>::infinity()) {
  search::Study study;
  PrunedSearch outcome;
  std::vector<std::optional<std::size_t>> at_work(workers);
  const auto resumed = [&](const search::Resumption& due) {
    const auto number = static_cast<std::size_t>(due.trial_number);
    study.trials[number].system_attributes[search::kParkedAttribute] = "null";
    return number;
  };
  while (outcome.best > good) {
    bool idle = true;
    for (auto& worker : at_work) {
      if (!worker) {
        if (const auto due = pruner.next_resumption(study)) {
          worker = resumed(*due);
        } else if (study.trials.size() < curves.size()) {
          worker = study.trials.size();
          auto& trial = study.trials.emplace_back();
          trial.number = std::ssize(study.trials) - 1;
          trial.state = search::TrialState::kRunning;
        } else {
          continue;
        }
      }
      idle = false;
      auto& trial = study.trials[*worker];
      const auto& curve = curves[*worker];
      const std::int64_t epoch = trial.intermediate.empty() ? 1 : trial.intermediate.rbegin()->first + 1;
      trial.intermediate[epoch] = curve[static_cast<std::size_t>(epoch) - 1];
      ++outcome.epochs;
      if (epoch == std::ssize(curve)) {
        trial.state = search::TrialState::kComplete;
        trial.value = best_of(curve);
        outcome.best = std::min(outcome.best, *trial.value);
        worker.reset();
        continue;
      }
      const auto verdict = pruner.judge(study, trial);
      for (const auto& [key, value] : verdict.system_attributes) trial.system_attributes[key] = value;
      if (verdict.action == search::Action::kPrune) trial.state = search::TrialState::kPruned;
      if (verdict.action != search::Action::kGoOn) worker.reset();
    }
    if (!idle) continue;
    const auto last = std::isinf(outcome.best) ? pruner.final_resumption(study) : std::nullopt;
    if (!last) break;
    at_work.front() = resumed(*last);
  }
  return outcome;
}

struct EpochsToTheSame {
  PrunedSearch by_stop, by_promotion;        // both until they have the worse of the two best values
  double stop_best = 0, promotion_best = 0;  // after all of their epochs
};

inline EpochsToTheSame epochs_to_the_same(const search::HalvingOptions& options,
                                          const std::vector<Curve>& curves, std::size_t workers) {
  const auto stop = search::make_asha_pruner(options);
  const auto promotion = search::make_asha_promotion_pruner(options);
  EpochsToTheSame found;
  found.stop_best = searched(*stop, curves, workers).best;
  found.promotion_best = searched(*promotion, curves, workers).best;
  const double same = std::max(found.stop_best, found.promotion_best);
  found.by_stop = searched(*stop, curves, workers, same);
  found.by_promotion = searched(*promotion, curves, workers, same);
  return found;
}

}  // namespace tessera::test
