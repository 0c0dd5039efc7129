// SPDX-License-Identifier: Apache-2.0
// Optuna's journal as it is read, in any of the forms that Optuna 3 to 5 write; journal_line.hpp says what a
// line is.
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

}  // namespace tessera::search
