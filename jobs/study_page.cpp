// SPDX-License-Identifier: Apache-2.0
#include "jobs/study_page.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/file.hpp"
#include "search/importance.hpp"
#include "search/shared_study.hpp"
#include "search/trial_record.hpp"

namespace tessera::jobs {
namespace {

namespace fs = std::filesystem;

std::string state_word(const search::Trial& trial) {
  switch (trial.state) {
    case search::TrialState::kRunning: return search::parked(trial) ? "parked" : "running";
    case search::TrialState::kComplete: return "complete";
    case search::TrialState::kPruned: return "pruned";
    case search::TrialState::kFail: return "failed";
    case search::TrialState::kWaiting: return "waiting";
  }
  return "";
}

// A text without its quotes.
std::string name_of(const search::CategoricalDistribution& distribution, std::size_t choice) {
  if (const auto* text = std::get_if<std::string>(&distribution.choices[choice])) return *text;
  return search::value_text(distribution, static_cast<double>(choice));
}

bool is_logarithmic(const search::Distribution& distribution) {
  if (const auto* number = std::get_if<search::FloatDistribution>(&distribution)) return number->log;
  if (const auto* number = std::get_if<search::IntDistribution>(&distribution)) return number->log;
  return false;
}

// In the order in which trials first had them.
std::vector<report::StudyParameter> parameters_of(const search::Study& study) {
  const auto importances = search::importance_shares(study);
  std::vector<report::StudyParameter> parameters;
  for (const auto& trial : study.trials)
    for (const auto& [key, setting] : trial.settings) {
      if (std::ranges::find(parameters, key, &report::StudyParameter::key) != parameters.end()) continue;
      report::StudyParameter parameter{.key = key, .logarithmic = is_logarithmic(setting.distribution)};
      if (const auto* choices = std::get_if<search::CategoricalDistribution>(&setting.distribution))
        for (std::size_t i = 0; i < choices->choices.size(); ++i)
          parameter.choices.push_back(name_of(*choices, i));
      if (const auto found = importances.find(key); found != importances.end())
        parameter.importance = found->second;
      parameters.push_back(std::move(parameter));
    }
  return parameters;
}

report::StudyTrial row_of(const search::Study& study, const search::Trial& trial,
                          const std::vector<report::StudyParameter>& parameters) {
  report::StudyTrial row{.number = trial.number, .state = state_word(trial), .value = trial.value};
  for (const auto& parameter : parameters) {
    const auto found = trial.settings.find(parameter.key);
    row.settings.push_back(found == trial.settings.end() ? std::nan("") : found->second.value);
  }
  row.trained_epochs = std::ssize(trial.intermediate);
  for (const auto& [epoch, value] : search::reports(study, trial)) {
    row.epochs.push_back(static_cast<double>(epoch));
    row.curve.push_back(value);
  }
  row.note = search::reason_of(trial);
  return row;
}

}  // namespace

report::StudyFacts facts_of(const search::Study& study) {
  report::StudyFacts facts{.name = study.name,
                           .metric = search::fact_of(study, "metric"),
                           .higher_is_better = study.direction == search::Direction::kMaximize,
                           .parameters = parameters_of(study),
                           .trials = {}};
  for (const auto& trial : study.trials) facts.trials.push_back(row_of(study, trial, facts.parameters));
  return facts;
}

std::string make_study_page(const fs::path& folder) {
  const auto study = search::read_study(folder);
  auto facts = facts_of(study);
  if (fs::exists(folder / "best.toml")) facts.best_config = core::read_file(folder / "best.toml");
  return report::make_study_report(facts);
}

}  // namespace tessera::jobs
