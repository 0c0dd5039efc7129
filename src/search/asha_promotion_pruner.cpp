// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "search/pruner.hpp"

namespace tessera::search {
namespace {

// The rung where a trial waits.
std::optional<std::int64_t> parked_rung(const Trial& trial) {
  const auto written = trial.system_attributes.find(kParkedAttribute);
  return written == trial.system_attributes.end() ? std::nullopt : core::parse_integer(written->second);
}

double first_value_from(std::int64_t step, const std::map<std::int64_t, double>& reported) {
  const auto reached = reported.lower_bound(step);
  return reached == reported.end() ? std::nan("") : reached->second;
}

bool is_open(const Trial& trial) {
  return trial.state == TrialState::kRunning || trial.state == TrialState::kWaiting;
}

class AshaPromotionPruner final : public Pruner {
 public:
  explicit AshaPromotionPruner(const HalvingOptions& options) : options_(options) {}

  // The rung is judged once, by the first report at or after its step: later ones are on the way to the next.
  Verdict judge(const Study& study, const Trial& trial) const override {
    if (trial.intermediate.empty()) return {};
    const auto reported = reports(study, trial);
    const auto [step, value] = *reported.rbegin();
    const std::int64_t before = reported.size() < 2 ? -1 : std::next(reported.rbegin())->first;
    std::optional<std::int64_t> rung;
    for (std::int64_t k = 0; step_of(k) <= static_cast<double>(step); ++k)
      if (static_cast<double>(before) < step_of(k)) rung = k;
    if (!rung) return {};
    if (std::isnan(value)) return {Action::kPrune, {}};

    std::vector<Standing> standings = standings_at(study, *rung);
    std::erase_if(standings, [&](const Standing& other) { return other.second == trial.number; });
    standings.emplace_back(sign(study) * value, trial.number);
    const auto best = best_of(std::move(standings));
    if (std::ranges::find(best, trial.number, &Standing::second) != best.end()) return {};
    return {Action::kPark, {{kParkedAttribute, std::to_string(*rung)}}};
  }

  // The highest rung first, as published: what has come far is nearest to an answer.
  std::optional<Resumption> next_resumption(const Study& study) const override {
    for (std::int64_t rung = highest_parked(study); rung >= 0; --rung)
      if (const auto due = first_parked(study, rung, best_of(standings_at(study, rung)))) return due;
    return std::nullopt;
  }

  std::optional<Resumption> final_resumption(const Study& study) const override {
    const std::int64_t rung = highest_parked(study);
    if (rung < 0) return std::nullopt;
    auto standings = standings_at(study, rung);
    std::ranges::sort(standings);
    return first_parked(study, rung, standings);
  }

 private:
  // Less is better; of equals the earlier trial.
  using Standing = std::pair<double, std::int64_t>;

  static double sign(const Study& study) { return study.direction == Direction::kMinimize ? 1 : -1; }

  double step_of(std::int64_t rung) const {
    return static_cast<double>(options_.min_resource) *
           std::pow(static_cast<double>(options_.reduction_factor),
                    static_cast<double>(options_.min_early_stopping_rate + rung));
  }

  // Of all trials that reached the rung, whatever became of them.
  std::vector<Standing> standings_at(const Study& study, std::int64_t rung) const {
    std::vector<Standing> standings;
    const auto first_step = static_cast<std::int64_t>(std::ceil(step_of(rung)));
    std::set<std::int64_t> done_again;  // by a retry, which stands for them
    for (const Trial& trial : study.trials)
      for (const std::int64_t number : retry_history(trial)) done_again.insert(number);
    for (const Trial& trial : study.trials) {
      if (done_again.contains(trial.number)) continue;
      const double value =
          first_value_from(first_step, is_retry(trial) ? reports(study, trial) : trial.intermediate);
      if (!std::isnan(value)) standings.emplace_back(sign(study) * value, trial.number);
    }
    return standings;
  }

  static std::int64_t highest_parked(const Study& study) {
    std::int64_t highest = -1;
    for (const Trial& trial : study.trials)
      if (is_open(trial)) highest = std::max(highest, parked_rung(trial).value_or(-1));
    return highest;
  }

  std::optional<Resumption> first_parked(const Study& study, std::int64_t rung,
                                         const std::vector<Standing>& standings) const {
    for (const auto& [value, number] : standings) {
      const auto trial = std::ranges::find(study.trials, number, &Trial::number);
      if (is_open(*trial) && parked_rung(*trial) == rung)
        return Resumption{number, rung + 1, static_cast<std::int64_t>(step_of(rung + 1))};
    }
    return std::nullopt;
  }

  std::vector<Standing> best_of(std::vector<Standing> standings) const {
    std::ranges::sort(standings);
    standings.resize(standings.size() / static_cast<std::size_t>(options_.reduction_factor));
    return standings;
  }

  HalvingOptions options_;
};

}  // namespace

std::unique_ptr<Pruner> make_asha_promotion_pruner(const HalvingOptions& options) {
  return std::make_unique<AshaPromotionPruner>(options);
}

}  // namespace tessera::search
