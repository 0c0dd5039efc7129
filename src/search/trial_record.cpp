// SPDX-License-Identifier: Apache-2.0
#include "search/trial_record.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/log.hpp"
#include "search/lease.hpp"

namespace tessera::search {
namespace {

using Json = nlohmann::json;

constexpr const char* kFailedTrial = "failed_trial";
constexpr const char* kRetryHistory = "retry_history";

// Null where it is not there.
Json attribute(const Trial& trial, const std::string& key) {
  const auto found = trial.system_attributes.find(key);
  return found == trial.system_attributes.end() ? Json() : Json::parse(found->second, nullptr, false);
}

[[noreturn]] void refuse(const Trial& trial, const std::string& key, const Json& json) {
  throw core::DataError(
      fmt::format("trial {}: system attribute '{}' is not what a search or Optuna writes: {}", trial.number,
                  key, json.is_discarded() ? "no JSON" : json.dump()));
}

bool is_within(double value, double low, double high) {
  return low <= value && value <= high;
}

// The number that stands for a value in the journal; nothing where the distribution cannot take it.
struct InternalValue {
  const Json& json;

  std::optional<double> operator()(const FloatDistribution& d) const {
    if (!json.is_number() || !is_within(json.get<double>(), d.low, d.high)) return std::nullopt;
    return json.get<double>();
  }
  std::optional<double> operator()(const IntDistribution& d) const {
    if (!json.is_number()) return std::nullopt;
    const auto value = json.get<double>();
    if (!is_within(value, static_cast<double>(d.low), static_cast<double>(d.high))) return std::nullopt;
    return std::fmod(value - static_cast<double>(d.low), static_cast<double>(d.step)) == 0
               ? std::optional(value)
               : std::nullopt;
  }
  std::optional<double> operator()(const CategoricalDistribution& d) const {
    for (std::size_t i = 0; i < d.choices.size(); ++i)
      if (std::visit([&](const auto& choice) { return Json(choice) == json; }, d.choices[i]))
        return static_cast<double>(i);
    return std::nullopt;
  }
};

}  // namespace

std::optional<std::string> job_of(const Trial& trial) {
  if (trial.state != TrialState::kRunning || parked(trial)) return std::nullopt;
  const Json job = attribute(trial, kJobAttribute);
  if (job.is_null()) return std::nullopt;
  if (!job.is_string()) refuse(trial, kJobAttribute, job);
  return job.get<std::string>();
}

std::optional<std::string> parked(const Trial& trial) {
  if (trial.state != TrialState::kRunning) return std::nullopt;
  const auto found = trial.system_attributes.find(kParkedAttribute);
  if (found == trial.system_attributes.end() || found->second == "null") return std::nullopt;
  return found->second;
}

const Trial* best_trial(const Study& study) {
  const Trial* best = nullptr;
  for (const auto& trial : study.trials) {
    if (trial.state != TrialState::kComplete || !trial.value || !std::isfinite(*trial.value)) continue;
    const bool is_better = best && (study.direction == Direction::kMinimize ? *trial.value < *best->value
                                                                            : *trial.value > *best->value);
    if (!best || is_better) best = &trial;
  }
  return best;
}

std::vector<std::int64_t> retry_history(const Trial& trial) {
  const Json history = attribute(trial, kRetryHistory);
  if (history.is_null()) return {};
  if (!history.is_array() ||
      !std::ranges::all_of(history, [](const Json& n) { return n.is_number_integer(); }))
    refuse(trial, kRetryHistory, history);
  return history.get<std::vector<std::int64_t>>();
}

bool is_retry(const Trial& trial) {
  return !retry_history(trial).empty();
}

std::map<std::int64_t, double> reports(const Study& study, const Trial& trial) {
  auto reports = trial.intermediate;
  const auto history = retry_history(trial);
  for (auto number = history.rbegin(); number != history.rend(); ++number)
    if (*number >= 0 && *number < std::ssize(study.trials)) {
      const auto& earlier = study.trials[static_cast<std::size_t>(*number)].intermediate;
      reports.insert(earlier.begin(), earlier.end());
    }
  return reports;
}

std::filesystem::path run_folder(const Trial& trial) {
  const auto history = retry_history(trial);
  return std::filesystem::path("trials") / std::to_string(history.empty() ? trial.number : history.front());
}

Trial retry_of(const Trial& failed) {
  Trial copy;
  copy.state = TrialState::kWaiting;
  copy.settings = failed.settings;
  copy.user_attributes = failed.user_attributes;
  copy.user_attributes.erase(kReasonAttribute);
  copy.system_attributes = failed.system_attributes;
  std::erase_if(copy.system_attributes, [](const auto& pair) { return pair.first.starts_with("tessera:"); });
  auto history = retry_history(failed);
  history.push_back(failed.number);
  copy.system_attributes[kFailedTrial] = Json(history.front()).dump();
  copy.system_attributes[kRetryHistory] = Json(history).dump();
  return copy;
}

Settings fixed_settings(const Trial& trial, const std::map<std::string, Distribution>& space) {
  const Json fixed = attribute(trial, "fixed_params");
  Settings settings;
  if (fixed.is_null()) return settings;
  if (!fixed.is_object()) refuse(trial, "fixed_params", fixed);
  for (const auto& [name, json] : fixed.items()) {
    const auto found = space.find(name);
    const auto value = found == space.end() ? std::nullopt : std::visit(InternalValue{json}, found->second);
    if (value)
      settings[name] = {found->second, *value};
    else
      core::log::warning(
          "trial {} was enqueued with {} = {}, which the study's space does not have: left out", trial.number,
          name, json.dump());
  }
  return settings;
}

StudySpent spent(const Study& study, double now) {
  StudySpent sum;
  for (const auto& trial : study.trials) {
    if (trial.state != TrialState::kWaiting && !is_retry(trial)) ++sum.trials;
    sum.epochs += std::ssize(trial.intermediate);
  }
  sum.seconds = worked_seconds(leases_of(study), now);
  return sum;
}

std::string reason_of(const Trial& trial) {
  const auto found = trial.user_attributes.find(kReasonAttribute);
  if (found == trial.user_attributes.end()) return "";
  const auto json = Json::parse(found->second, nullptr, false);
  return json.is_string() ? json.get<std::string>() : found->second;
}

}  // namespace tessera::search
