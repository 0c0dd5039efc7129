// SPDX-License-Identifier: Apache-2.0
#include "search/coordinator.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "core/error.hpp"
#include "core/log.hpp"

namespace tessera::search {
namespace {

// After so many failures and nothing else it is not the settings.
constexpr std::int64_t kMostFailuresAtFirst = 5;

// Stands in a trial's parked attribute where no pruner put it there: it is the first to go on.
const std::string kStopped = R"("stopped")";

// Of the epochs reported, also by the starts that this trial goes on from, the best one, whose checkpoint it
// keeps.
std::optional<double> best_report(const Study& study, const Trial& trial) {
  std::optional<double> best;
  for (const auto& [step, value] : reports(study, trial))
    if (!std::isnan(value) &&
        (!best || (study.direction == Direction::kMinimize ? value < *best : value > *best)))
      best = value;
  return best;
}

// The study as a replay shows it to trial `number`: the trials up to number - window; nothing while one of
// them has not ended.
std::optional<Study> shown_to(const Study& study, std::int64_t number, std::int64_t window) {
  if (window == 0) return study;
  Study shown = study;
  shown.trials.resize(static_cast<std::size_t>(std::max<std::int64_t>(number - window + 1, 0)));
  for (const auto& trial : shown.trials)
    if (!is_finished(trial.state) && !parked(trial)) return std::nullopt;
  return shown;
}

bool any_complete(const Study& study) {
  return std::ranges::any_of(study.trials,
                             [](const Trial& trial) { return trial.state == TrialState::kComplete; });
}

}  // namespace

bool Coordinator::must_stop(const Study& study) {
  const double limit = 60 * parts_.options.time_limit_minutes;
  stopped_ = stopped_ || parts_.must_stop() ||
             (limit > 0 && worked_seconds(leases_of(study), parts_.clock()) > limit);
  return stopped_;
}

// What is under way goes on to its end; nothing more is started or resumed past a budget, unless nothing
// else would be complete.
bool Coordinator::is_budget_left(const Study& study) const {
  const auto& options = parts_.options;
  return options.epochs_budget == 0 || spent(study, parts_.clock()).epochs < options.epochs_budget;
}

// A trial that another start, or job, has left: given back, stopped, or parked and worth going on with.
std::optional<std::int64_t> Coordinator::take_up(StudyChanges& changes) {
  const auto complete = [&](const Trial& trial) {
    std::map<std::string, Distribution> space;
    for (const auto& parameter : parts_.space.parameters()) space[parameter.key] = parameter.distribution;
    // What a claim that was cut short has set already stays.
    Settings settings = trial.settings;
    settings.merge(fixed_settings(trial, space));
    const auto drawn = parts_.sampler.suggest(parts_.space, changes.study(), trial.number);
    if (drawn) settings.insert(drawn->begin(), drawn->end());
    std::erase_if(settings, [&](const auto& setting) {
      const auto parameter = std::ranges::find(parts_.space.parameters(), setting.first, &Parameter::key);
      return parameter == parts_.space.parameters().end() || !parts_.space.is_active(*parameter, settings);
    });
    return settings;
  };
  if (const auto waiting = changes.claim_waiting(complete)) return waiting;
  for (const auto& trial : changes.study().trials)
    if (parked(trial) == kStopped && changes.resume(trial.number)) return trial.number;
  if (const auto promoted = parts_.pruner.next_resumption(changes.study()))
    if (changes.resume(promoted->trial_number)) return promoted->trial_number;
  return std::nullopt;
}

Next Coordinator::start_new(StudyChanges& changes, std::int64_t& number) {
  const Study& study = changes.study();
  const auto& options = parts_.options;
  if (options.trials == 0 || spent(study, parts_.clock()).trials < options.trials) {
    const auto shown = shown_to(study, std::ssize(study.trials), options.window);
    if (!shown) return Next::kWait;
    if (const auto settings = parts_.sampler.suggest(parts_.space, *shown, std::ssize(study.trials))) {
      number = changes.start(*settings);
      return Next::kTrial;
    }
  }
  return start_last(changes, number);
}

// A study of few trials, or epochs, parks all of them: one at least is trained to its end.
Next Coordinator::start_last(StudyChanges& changes, std::int64_t& number) {
  const Study& study = changes.study();
  // Whatever runs, here or elsewhere, may fail and be given back, or be parked and resumed.
  const bool any_runs = std::ranges::any_of(
      study.trials, [](const Trial& trial) { return trial.state == TrialState::kRunning && job_of(trial); });
  if (any_runs) return Next::kWait;
  if (any_complete(study)) return Next::kDone;
  const auto last = parts_.pruner.final_resumption(study);
  if (!last || !changes.resume(last->trial_number)) return Next::kDone;
  number = last->trial_number;
  return Next::kTrial;
}

Work Coordinator::next() {
  Work work;
  parts_.study.transact([&](StudyChanges& changes) {
    if (must_stop(changes.study())) return;
    std::int64_t number = -1;
    if (!is_budget_left(changes.study())) {
      changes.give_back_lost();  // of them none is waited for
      if (!any_complete(changes.study())) work.next = start_last(changes, number);
    } else if (const auto taken = take_up(changes)) {
      number = *taken;
      work.next = Next::kTrial;
    } else {
      work.next = start_new(changes, number);
    }
    if (work.next != Next::kTrial) return;
    const Trial& trial = changes.study().trials[static_cast<std::size_t>(number)];
    work.trial = {number, trial.settings, parts_.options.folder / run_folder(trial)};
    under_way_[number] = {.since = parts_.clock()};
  });
  return work;
}

bool Coordinator::report(std::int64_t number, std::int64_t step, double value) {
  auto& trial = under_way_.at(number);
  bool goes_on = false;
  const auto& options = parts_.options;
  parts_.study.transact([&](StudyChanges& changes) {
    const double limit = 60 * options.trial_time_limit_minutes;
    if (!changes.report(number, step, value)) {
      trial.halt = Halt::kPrune;  // another job has taken it up
    } else if (limit > 0 && parts_.clock() - trial.since > limit) {
      trial.halt = Halt::kFail;
      trial.reason = fmt::format("it took longer than study.trial_time_limit_minutes = {}",
                                 options.trial_time_limit_minutes);
    } else if (must_stop(changes.study())) {
      trial.halt = Halt::kStop;
    } else {
      const Study& study = changes.study();
      const auto& judged = study.trials[static_cast<std::size_t>(number)];
      const auto verdict =
          options.window == 0
              ? parts_.pruner.judge(study, judged)
              : parts_.pruner.judge(shown_to(study, number, options.window).value_or(study), judged);
      for (const auto& [name, json] : verdict.system_attributes)
        if (name != kParkedAttribute) changes.note(number, name, json);
      goes_on = verdict.action == Action::kGoOn;
      trial.halt = verdict.action == Action::kPrune ? Halt::kPrune : Halt::kPark;
      if (const auto rung = verdict.system_attributes.find(kParkedAttribute);
          rung != verdict.system_attributes.end())
        trial.reason = rung->second;
    }
  });
  if (goes_on) trial.halt = Halt::kStop;
  return goes_on;
}

void Coordinator::end(std::int64_t number, Ending ending) {
  const UnderWay trial = under_way_.at(number);
  if (ending == Ending::kHalted && trial.halt == Halt::kFail) return fail(number, trial.reason, true);
  parts_.study.transact([&](StudyChanges& changes) {
    const Study& study = changes.study();
    if (ending == Ending::kComplete) {
      if (const auto best = best_report(study, study.trials[static_cast<std::size_t>(number)]))
        changes.complete(number, *best);
      else
        changes.fail(number, "it has reported no value that is a number", false);
    } else if (trial.halt == Halt::kPrune) {
      changes.prune(number);
    } else {
      changes.park(number, trial.halt == Halt::kPark ? trial.reason : kStopped);
      stopped_ = stopped_ || trial.halt == Halt::kStop;
    }
  });
  under_way_.erase(number);
}

void Coordinator::fail(std::int64_t number, const std::string& reason, bool again) {
  core::log::warning("trial {} failed: {}", number, reason);
  parts_.study.transact([&](StudyChanges& changes) { changes.fail(number, reason, again); });
  under_way_.erase(number);
  const auto& trials = parts_.study.study().trials;
  std::set<std::filesystem::path> failed;  // a retry is of the trial it does again
  for (const auto& trial : trials)
    if (trial.state == TrialState::kFail) failed.insert(run_folder(trial));
  const bool any_good = std::ranges::any_of(trials, [](const Trial& trial) {
    return trial.state == TrialState::kComplete || trial.state == TrialState::kPruned || parked(trial) ||
           (trial.state == TrialState::kRunning && !trial.intermediate.empty());
  });
  if (std::ssize(failed) < kMostFailuresAtFirst || any_good) return;
  stopped_ = true;  // nobody else is handed one
  throw core::Error(
      fmt::format("the first {} trials have all failed, the last because {}. Mend it, and search on with "
                  "the same command.",
                  failed.size(), reason));
}

}  // namespace tessera::search
