// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/text.hpp"
#include "search/json_words.hpp"
#include "search/pruner.hpp"

namespace tessera::search {
namespace {

std::string rung_attribute(std::int64_t rung) {
  return "completed_rung_" + std::to_string(rung);
}

// A hundredth of the longest complete trial's steps; 0 where none is complete. Optuna keeps a process's first
// estimate; here all workers have the same, which may grow.
std::int64_t estimated_min_resource(const Study& study) {
  std::int64_t longest = -1;
  for (const Trial& trial : study.trials)
    if (trial.state == TrialState::kComplete && !trial.intermediate.empty())
      longest = std::max(longest, trial.intermediate.rbegin()->first);
  return longest < 0 ? 0 : std::max<std::int64_t>(longest / 100, 1);
}

class AshaPruner final : public Pruner {
 public:
  explicit AshaPruner(const HalvingOptions& options) : options_(options) {}

  Verdict judge(const Study& study, const Trial& trial) const override {
    if (trial.intermediate.empty()) return {};
    const auto [step, value] = *trial.intermediate.rbegin();
    const std::int64_t min_resource =
        options_.min_resource > 0 ? options_.min_resource : estimated_min_resource(study);
    if (min_resource == 0) return {};

    std::int64_t rung = 0;
    while (trial.system_attributes.contains(rung_attribute(rung))) ++rung;
    Verdict verdict;
    double rung_step = static_cast<double>(min_resource) *
                       std::pow(static_cast<double>(options_.reduction_factor),
                                static_cast<double>(options_.min_early_stopping_rate + rung));
    for (; static_cast<double>(step) >= rung_step; ++rung) {
      if (std::isnan(value)) {
        verdict.action = Action::kPrune;
        return verdict;
      }
      verdict.system_attributes[rung_attribute(rung)] = number_text(value);
      if (!goes_on(study, trial, value, rung_attribute(rung))) {
        verdict.action = Action::kPrune;
        return verdict;
      }
      rung_step *= static_cast<double>(options_.reduction_factor);
    }
    return verdict;
  }

 private:
  // Among the best count / reduction_factor at this rung so far; the first few must be the best of all.
  bool goes_on(const Study& study, const Trial& trial, double value, const std::string& attribute) const {
    const double sign = study.direction == Direction::kMinimize ? 1 : -1;
    std::vector<double> values{sign * value};
    for (const Trial& other : study.trials)
      if (const auto written = other.system_attributes.find(attribute);
          written != other.system_attributes.end() && other.number != trial.number)
        if (const auto number = core::parse_number(written->second); number && !std::isnan(*number))
          values.push_back(sign * *number);
    if (std::ssize(values) <= options_.bootstrap_count) return false;
    const std::int64_t num_best = std::max<std::int64_t>(std::ssize(values) / options_.reduction_factor, 1);
    std::ranges::sort(values);
    return sign * value <= values[static_cast<std::size_t>(num_best - 1)];
  }

  HalvingOptions options_;
};

}  // namespace

std::unique_ptr<Pruner> make_asha_pruner(const HalvingOptions& options) {
  return std::make_unique<AshaPruner>(options);
}

}  // namespace tessera::search
