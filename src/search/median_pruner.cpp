// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "search/pruner.hpp"

namespace tessera::search {
namespace {

// Of numbers only; between the middle two as NumPy rounds it, since a trial may stand exactly there.
std::optional<double> median(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  const double below = values[(values.size() - 1) / 2], above = values[values.size() / 2];
  return above - (above - below) * 0.5;
}

class MedianPruner final : public Pruner {
 public:
  explicit MedianPruner(const MedianOptions& options) : options_(options) {}

  Verdict judge(const Study& study, const Trial& trial) const override {
    if (trial.intermediate.empty()) return {};
    const std::int64_t step = trial.intermediate.rbegin()->first;
    std::int64_t num_complete = 0, num_there = 0;
    std::vector<double> there;
    for (const Trial& other : study.trials) {
      if (other.state != TrialState::kComplete) continue;
      ++num_complete;
      const auto value = other.intermediate.find(step);
      if (value == other.intermediate.end()) continue;
      ++num_there;
      there.push_back(value->second);
    }
    if (num_complete == 0 || num_complete < options_.startup_trials || step < options_.warmup_steps ||
        !is_first_in_interval(trial))
      return {};

    std::vector<double> own;
    for (const auto& [s, value] : trial.intermediate)
      if (!std::isnan(value)) own.push_back(value);
    if (own.empty()) return {Action::kPrune, {}};
    const auto bound = median(std::move(there));
    if (num_there < options_.min_trials || !bound) return {};
    const bool is_worse = study.direction == Direction::kMinimize ? std::ranges::min(own) > *bound
                                                                  : std::ranges::max(own) < *bound;
    return {is_worse ? Action::kPrune : Action::kGoOn, {}};
  }

 private:
  bool is_first_in_interval(const Trial& trial) const {
    if (trial.intermediate.size() < 2) return true;
    const std::int64_t step = trial.intermediate.rbegin()->first;
    const std::int64_t begin =
        step - (step - options_.warmup_steps) % options_.interval_steps;  // of the interval
    return std::next(trial.intermediate.rbegin())->first < begin;
  }

  MedianOptions options_;
};

}  // namespace

std::unique_ptr<Pruner> make_median_pruner(const MedianOptions& options) {
  return std::make_unique<MedianPruner>(options);
}

}  // namespace tessera::search
