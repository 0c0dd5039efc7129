// SPDX-License-Identifier: Apache-2.0
#include "search/trials_table.hpp"

#include <set>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "search/trial_record.hpp"

namespace tessera::search {
namespace {

std::string state_word(const Trial& trial) {
  switch (trial.state) {
    case TrialState::kRunning: return parked(trial) ? "parked" : "running";
    case TrialState::kComplete: return "complete";
    case TrialState::kPruned: return "pruned";
    case TrialState::kFail: return "failed";
    case TrialState::kWaiting: break;
  }
  return "waiting";
}

// Text choices as they are, all else as JSON has it.
std::string plain_value(const Setting& setting) {
  if (const auto* categorical = std::get_if<CategoricalDistribution>(&setting.distribution))
    if (const auto* text =
            std::get_if<std::string>(&categorical->choices[static_cast<std::size_t>(setting.value)]))
      return *text;
  return value_text(setting.distribution, setting.value);
}

}  // namespace

void write_trials_table(const std::filesystem::path& file, const Study& study) {
  std::set<std::string> names;
  for (const auto& trial : study.trials)
    for (const auto& [name, setting] : trial.settings) names.insert(name);

  std::vector<std::string> fields{"number", "state", "value"};
  fields.insert(fields.end(), names.begin(), names.end());
  for (const char* name : {"epochs", "started", "finished", "run", "reason"}) fields.emplace_back(name);
  std::string table = core::csv_line(fields);
  for (const auto& trial : study.trials) {
    fields = {std::to_string(trial.number), state_word(trial),
              trial.value ? core::csv_number(*trial.value) : ""};
    for (const auto& name : names) {
      const auto found = trial.settings.find(name);
      fields.push_back(found == trial.settings.end() ? "" : plain_value(found->second));
    }
    fields.push_back(std::to_string(trial.intermediate.size()));
    fields.push_back(trial.started);
    fields.push_back(trial.finished);
    fields.push_back(run_folder(trial).string());
    fields.push_back(reason_of(trial));
    table += core::csv_line(fields);
  }
  core::write_file_atomically(file, table);
}

}  // namespace tessera::search
