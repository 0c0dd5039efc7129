// SPDX-License-Identifier: Apache-2.0
#include "search/shared_study.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"

namespace tessera::search {
namespace {

using Json = nlohmann::json;

const std::string kFactsAttribute = "tessera:study";  // user attribute of the study

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

}  // namespace

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
    journal_.transact([&](JournalBatch& batch) {
      if (batch.study()) put_lease(batch, options_.clock(), 0);
    });
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
    if (!batch.study())
      throw core::DataError(fmt::format(
          "{} holds the study no more: somebody replaced its journal.log, or deleted the study. Nobody but "
          "searches and Optuna may write to it.",
          folder_.string()));
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
