// SPDX-License-Identifier: Apache-2.0
// Optuna's journal: one operation a line, JSON, as Optuna 5 writes and reads it
// (storages/journal/_storage.py; Akiba et al. 2019). Studies and trials have ids counted over the whole file,
// whatever study they belong to; NaN and Infinity stand as bare words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "search/trial.hpp"

namespace tessera::search {

enum class JournalOperation {
  kCreateStudy = 0,
  kDeleteStudy = 1,
  kStudyUserAttribute = 2,
  kStudySystemAttribute = 3,
  kCreateTrial = 4,
  kSetParam = 5,
  kSetState = 6,
  kReport = 7,
  kTrialUserAttribute = 8,
  kTrialSystemAttribute = 9,
};

/// The lines, each with its newline. `worker` is who writes; attributes are JSON text; times ISO 8601.
namespace journal_line {

std::string create_study(const std::string& worker, const std::string& name, Direction direction);
std::string study_user_attribute(const std::string& worker, std::int64_t study_id, const std::string& key,
                                 const std::string& json);
std::string study_system_attribute(const std::string& worker, std::int64_t study_id, const std::string& key,
                                   const std::string& json);
/// State, settings, attributes and start of `trial` on one line, so that no killed writer leaves half of
/// them.
std::string create_trial(const std::string& worker, std::int64_t study_id, const Trial& trial);
std::string set_param(const std::string& worker, std::int64_t trial_id, const std::string& name,
                      const Setting& setting);
/// `time` is the start of a trial that begins to run, else its end.
std::string set_state(const std::string& worker, std::int64_t trial_id, TrialState state,
                      std::optional<double> value, const std::string& time);
std::string report(const std::string& worker, std::int64_t trial_id, std::int64_t step, double value);
std::string trial_user_attribute(const std::string& worker, std::int64_t trial_id, const std::string& key,
                                 const std::string& json);
std::string trial_system_attribute(const std::string& worker, std::int64_t trial_id, const std::string& key,
                                   const std::string& json);

}  // namespace journal_line

}  // namespace tessera::search
