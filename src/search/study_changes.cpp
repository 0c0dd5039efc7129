// SPDX-License-Identifier: Apache-2.0
#include "search/study_changes.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/log.hpp"

namespace tessera::search {
namespace {

// A node that dies is no fault of the trial's; one that ends whatever it runs on is.
constexpr std::int64_t kLossesInVain = 5;

std::string quoted(const std::string& text) {
  using Json = nlohmann::json;
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

// Of the starts that a trial goes on from, the last ones in a row that ended before they had reported
// anything.
std::int64_t starts_in_vain(const Study& study, const std::vector<std::int64_t>& history) {
  const auto gained = std::find_if(history.rbegin(), history.rend(), [&](std::int64_t number) {
    return !study.trials.at(static_cast<std::size_t>(number)).intermediate.empty();
  });
  return gained - history.rbegin();
}

}  // namespace

bool StudyChanges::is_ours(std::int64_t number) const {
  return job_of(study().trials.at(static_cast<std::size_t>(number))) == options_.job.name();
}

// The copy first: whoever is killed in between leaves two, and the next one sees that the copy is there.
bool StudyChanges::put_back(std::int64_t number, bool is_lost) {
  const Trial copy = retry_of(study().trials.at(static_cast<std::size_t>(number)));
  const auto history = retry_history(copy);
  for (const auto& trial : study().trials)
    if (retry_history(trial) == history) return true;
  const bool is_enough =
      is_lost ? starts_in_vain(study(), history) > std::max(options_.max_retries, kLossesInVain)
              : std::ssize(history) > options_.max_retries;
  if (is_enough) return false;
  batch_.create_trial(copy);
  return true;
}

void StudyChanges::end(std::int64_t number, TrialState state, std::optional<double> value) {
  batch_.set_state(number, state, value, time_);
}

void StudyChanges::give_back_lost() {
  std::set<std::string> at_work{options_.job.name()};
  std::map<std::string, Job> gone;
  for (const auto& lease : leases_of(study()))
    if (is_live(lease, now_))
      at_work.insert(lease.job.name());
    else
      gone.emplace(lease.job.name(), lease.job);
  const auto num_trials = std::ssize(study().trials);  // not the copies made here
  const std::string own = quoted(options_.job.name());
  for (std::int64_t number = 0; number < num_trials; ++number) {
    const Trial& trial = study().trials[static_cast<std::size_t>(number)];
    if (trial.state != TrialState::kRunning) continue;
    // Thousands of workers' trials are this job's own mostly: told without reading any JSON.
    const auto written = trial.system_attributes.find(kJobAttribute);
    if (written == trial.system_attributes.end() || written->second == own) continue;
    const auto job = job_of(trial);
    if (!job || at_work.contains(*job)) continue;
    const std::string who = gone.contains(*job) ? gone.at(*job).text() : "job " + *job;
    const bool is_retried = put_back(number, true);
    batch_.set_trial_user_attribute(number, kReasonAttribute, quoted(who + " is gone"));
    end(number, TrialState::kFail, std::nullopt);
    core::log::warning("trial {} was with {}, which is gone: {}", number, who,
                       is_retried ? "it waits to go on from its checkpoint"
                                  : "lost so often before it had reported anything that it has failed");
  }
}

std::optional<std::int64_t> StudyChanges::claim_waiting(
    const std::function<Settings(const Trial&)>& complete) {
  give_back_lost();
  for (const auto& trial : study().trials) {
    if (trial.state != TrialState::kWaiting) continue;
    const auto number = trial.number;
    const Settings before = trial.settings, settings = complete(trial);
    // Claimed last: whoever is killed before that leaves a waiting trial.
    for (const auto& [name, setting] : settings) {
      if (before.contains(name)) continue;
      batch_.set_param(number, name, setting);
      // Optuna's dashboard shows the place of a choice that is set after its trial was made.
      if (std::holds_alternative<CategoricalDistribution>(setting.distribution))
        batch_.set_trial_user_attribute(number, name, value_text(setting.distribution, setting.value));
    }
    batch_.set_trial_system_attribute(number, kJobAttribute, quoted(options_.job.name()));
    batch_.set_state(number, TrialState::kRunning, std::nullopt, time_);
    return number;
  }
  return std::nullopt;
}

std::int64_t StudyChanges::start(const Settings& settings) {
  Trial trial;
  trial.settings = settings;
  trial.started = time_;
  trial.system_attributes[kJobAttribute] = quoted(options_.job.name());
  return batch_.create_trial(trial);
}

bool StudyChanges::report(std::int64_t number, std::int64_t epoch, double value) {
  if (!is_ours(number)) return false;
  batch_.report(number, epoch, value);
  return true;
}

bool StudyChanges::note(std::int64_t number, const std::string& key, const std::string& json) {
  if (!is_ours(number)) return false;
  batch_.set_trial_system_attribute(number, key, json);
  return true;
}

bool StudyChanges::complete(std::int64_t number, double value) {
  if (!is_ours(number)) return false;
  end(number, TrialState::kComplete, value);
  return true;
}

bool StudyChanges::prune(std::int64_t number) {
  if (!is_ours(number)) return false;
  const auto& reports = study().trials[static_cast<std::size_t>(number)].intermediate;
  const bool has_value = !reports.empty() && !std::isnan(reports.rbegin()->second);
  end(number, TrialState::kPruned, has_value ? std::optional(reports.rbegin()->second) : std::nullopt);
  return true;
}

bool StudyChanges::fail(std::int64_t number, const std::string& reason, bool retry) {
  if (!is_ours(number)) return false;
  if (retry) put_back(number, false);
  batch_.set_trial_user_attribute(number, kReasonAttribute, quoted(reason));
  end(number, TrialState::kFail, std::nullopt);
  return true;
}

bool StudyChanges::park(std::int64_t number, const std::string& json) {
  if (!is_ours(number)) return false;
  batch_.set_trial_system_attribute(number, kParkedAttribute, json);
  return true;
}

bool StudyChanges::resume(std::int64_t number) {
  if (!parked(study().trials.at(static_cast<std::size_t>(number)))) return false;
  batch_.set_trial_system_attribute(number, kJobAttribute, quoted(options_.job.name()));
  batch_.set_trial_system_attribute(number, kParkedAttribute, "null");
  return true;
}

}  // namespace tessera::search
