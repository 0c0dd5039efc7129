// SPDX-License-Identifier: Apache-2.0
// Optuna's journal: one operation a line, JSON, as Optuna 5 writes and reads it
// (storages/journal/_storage.py; Akiba et al. 2019). Studies and trials have ids counted over the whole file,
// whatever study they belong to; NaN and Infinity stand as bare words.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "search/trial.hpp"

namespace tessera::search {

/// What the lines of a journal, one after the other, amount to for the study of one name.
class JournalReplay {
 public:
  explicit JournalReplay(std::string study_name);

  /// One line without its newline. Operations on other studies, on finished trials, and those unknown change
  /// nothing; of two claims of a waiting trial the first holds. Raises DataError saying what is wrong with
  /// the line, which then has changed nothing; is_journal_line tells a line torn from one that is wrong
  /// otherwise.
  void apply(std::string_view line);

  /// Nothing before it is created, and once it is deleted.
  const std::optional<Study>& study() const { return study_; }
  /// Of every study in the file, in the order of their ids.
  std::vector<std::string> study_names() const;
  std::int64_t study_id() const { return study_id_; }  // of our study
  std::int64_t trial_id(std::int64_t number) const;    // of a trial of it

 private:
  struct Line;
  void create_study(const Line& line);
  void delete_study(std::int64_t id);
  void create_trial(const Line& line);
  void set_param(const Line& line, Trial& trial);
  void set_state(const Line& line, Trial& trial);
  const Distribution& distribution_of(const std::string& text);
  bool fits(const std::string& name, const Distribution& distribution, std::int64_t number);

  std::string name_;
  std::optional<Study> study_;
  std::int64_t study_id_ = -1, next_study_id_ = 0;
  std::map<std::int64_t, std::string> names_;  // by id
  std::vector<std::int64_t> numbers_;          // by trial id; -1: of another study
  std::vector<std::int64_t> ids_;              // by number
  // The distribution that later trials' must be of one kind with, and the number of the trial that has it.
  std::map<std::string, std::pair<std::int64_t, Distribution>> first_distributions_;
  std::map<std::string, Distribution, std::less<>> read_distributions_;  // by their text, which repeats
};

/// True where the text is a whole JSON object.
bool is_journal_line(std::string_view line);

/// {"name": "FloatDistribution", "attributes": {…}}, as Optuna writes it, and back. Raises DataError where
/// the text is none that Optuna 3 to 5 writes, or has None among its choices.
std::string distribution_text(const Distribution& distribution);
Distribution distribution_from(std::string_view text);

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
