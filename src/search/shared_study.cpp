// SPDX-License-Identifier: Apache-2.0
#include "search/shared_study.hpp"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"

namespace tessera::search {
namespace {

// A node that dies is no fault of the trial's; one that ends whatever it runs on is.
constexpr std::int64_t kLossesInVain = 5;

using Json = nlohmann::json;

const std::string kFactsAttribute = "tessera:study";  // user attribute of the study

std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

const char* word_of(Direction direction) {
  return direction == Direction::kMinimize ? "minimize" : "maximize";
}

std::map<std::string, std::string> facts_of(const StudyDescription& description) {
  auto facts = description.facts;
  facts["direction"] = word_of(description.direction);
  return facts;
}

// "metric is 'a' there and 'b' here"; empty where nothing differs.
std::string first_difference(const std::map<std::string, std::string>& there,
                             const std::map<std::string, std::string>& here) {
  std::set<std::string> names;
  for (const auto& [name, value] : there) names.insert(name);
  for (const auto& [name, value] : here) names.insert(name);
  const auto shown = [](const std::map<std::string, std::string>& facts, const std::string& name) {
    return facts.contains(name) ? "'" + facts.at(name) + "'" : std::string("not given");
  };
  for (const auto& name : names)
    if (shown(there, name) != shown(here, name))
      return fmt::format("{} is {} there and {} here", name, shown(there, name), shown(here, name));
  return "";
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

Study read_study(const std::filesystem::path& folder) {
  const auto file = folder / "journal.log";
  Journal names(file, "", "");
  names.refresh();
  if (names.study_names().empty())
    throw core::InputError(
        fmt::format("{} holds no study. Name a folder that `tessera search` wrote.", folder.string()));
  Journal journal(file, names.study_names().front(), "");
  journal.refresh();
  return *journal.study();
}

std::string fact_of(const Study& study, const std::string& name) {
  const auto found = study.user_attributes.find(kFactsAttribute);
  if (found == study.user_attributes.end()) return "";
  return Json::parse(found->second).value(name, "");
}

SharedStudy::SharedStudy(const std::filesystem::path& folder, StudyDescription description,
                         StudyOptions options)
    : folder_(folder),
      description_(std::move(description)),
      options_(std::move(options)),
      lease_{options_.job, options_.clock(), 0, 0},
      journal_(folder / "journal.log", description_.name, options_.job.name(), options_.lock) {
  core::make_folder(folder_);
  journal_.transact([&](JournalBatch& batch) { open(batch); });
}

SharedStudy::~SharedStudy() {
  try {
    journal_.transact([&](JournalBatch& batch) { put_lease(batch, options_.clock(), 0); });
  } catch (const std::exception& error) {
    core::log::warning("the lease on {} could not be given up, others wait until it runs out: {}",
                       folder_.string(), error.what());
  }
}

void SharedStudy::check_description(const Study& study) const {
  const auto found = study.user_attributes.find(kFactsAttribute);
  if (found == study.user_attributes.end())
    throw core::InputError(
        fmt::format("{} holds a study '{}' that no search of Tessera made. Name another folder in study.dir.",
                    folder_.string(), study.name));
  std::map<std::string, std::string> there;
  try {
    there = Json::parse(found->second).get<std::map<std::string, std::string>>();
  } catch (const Json::exception& error) {
    throw core::DataError(fmt::format("{}: study attribute '{}' must be an object of texts, got {}: {}",
                                      folder_.string(), kFactsAttribute, found->second, error.what()));
  }
  // The direction as Optuna reads it, whatever the attribute says.
  there["direction"] = word_of(study.direction);
  if (const auto difference = first_difference(there, facts_of(description_)); !difference.empty())
    throw core::InputError(fmt::format(
        "{} holds another study: {}. Mend the configuration, or name another folder in study.dir.",
        folder_.string(), difference));
}

void SharedStudy::open(JournalBatch& batch) {
  if (!batch.study()) {
    if (const auto others = batch.study_names(); !others.empty())
      throw core::InputError(fmt::format("{} holds a study '{}', not '{}'. Name another folder in study.dir.",
                                         folder_.string(), others.front(), description_.name));
    batch.create_study(description_.direction);
  }
  // Also where whoever created it was killed before it could say what it is.
  if (!batch.study()->user_attributes.contains(kFactsAttribute) && batch.study()->trials.empty())
    batch.set_study_user_attribute(kFactsAttribute, Json(facts_of(description_)).dump());
  check_description(*batch.study());

  const double now = options_.clock();
  for (const auto& lease : leases_of(*batch.study()))
    if (!options_.join && lease.job != options_.job && is_live(lease, now))
      throw core::InputError(
          fmt::format("{} is being worked on by {}, whose lease holds for another {:.0f} s. Add --join to "
                      "work beside it.",
                      folder_.string(), lease.job.text(), lease.until - now));
  put_lease(batch, now, now + options_.lease_seconds);
  StudyChanges(batch, options_, now).give_back_lost();
}

void SharedStudy::put_lease(JournalBatch& batch, double now, double until) {
  lease_.renewed = now;
  lease_.until = until;
  batch.set_study_system_attribute(lease_attribute(lease_.job), lease_json(lease_));
}

bool SharedStudy::is_renewal_due(double now) const {
  return now - lease_.renewed > options_.lease_seconds / 3;
}

void SharedStudy::refresh() {
  journal_.refresh();
}

void SharedStudy::transact(const std::function<void(StudyChanges&)>& work) {
  if (open_) return work(*open_);
  journal_.transact([&](JournalBatch& batch) {
    const double now = options_.clock();
    if (is_renewal_due(now)) put_lease(batch, now, now + options_.lease_seconds);
    StudyChanges changes(batch, options_, now);
    open_ = &changes;
    const struct Closing {
      StudyChanges*& open;
      ~Closing() { open = nullptr; }
    } closing{open_};
    work(changes);
  });
}

void SharedStudy::renew_lease() {
  if (is_renewal_due(options_.clock())) transact([](StudyChanges&) {});
}

}  // namespace tessera::search
