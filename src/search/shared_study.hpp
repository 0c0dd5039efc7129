// SPDX-License-Identifier: Apache-2.0
// A study in a folder that any number of jobs work on, through its journal alone. Each change is decided
// under the lock on what all of them have done so far; a job that vanishes loses nothing but time: its trials
// are given back once its lease runs out, and go on from their checkpoints.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "search/study_changes.hpp"

namespace tessera::search {

/// What makes a study the one that it is.
struct StudyDescription {
  std::string name;
  Direction direction = Direction::kMinimize;
  /// In words that a message can quote: {"metric", "validation_mae"}, {"model.depth", "int, 2 to 5"}.
  std::map<std::string, std::string> facts;
};

/// The study of a folder, as its journal stands. Raises InputError where there is none.
Study read_study(const std::filesystem::path& folder);

/// One of a study's facts; empty where it tells none of that name.
std::string fact_of(const Study& study, const std::string& name);

class SharedStudy {
 public:
  /// Opens FOLDER/journal.log, or creates it. Raises InputError where it holds another study (naming what
  /// differs), where another job is at work and `join` is not set (naming its host and process), or where the
  /// folder cannot be written.
  SharedStudy(const std::filesystem::path& folder, StudyDescription description, StudyOptions options = {});
  /// Leaves: the lease ends, and what this job was working on is others' at once.
  ~SharedStudy();
  SharedStudy(const SharedStudy&) = delete;
  SharedStudy& operator=(const SharedStudy&) = delete;

  /// As of the last call of one of the following.
  const Study& study() const { return *journal_.study(); }
  void refresh();
  /// See Journal::transact. Renews the lease where that is due. Within another's `work` it is part of that
  /// one, so that many changes are written at once.
  void transact(const std::function<void(StudyChanges&)>& work);
  /// To be called every few seconds, also while trials are long: writes only where it is due.
  void renew_lease();

 private:
  void open(JournalBatch& batch);
  void check_description(const Study& study) const;
  void put_lease(JournalBatch& batch, double now, double until);
  bool is_renewal_due(double now) const;

  std::filesystem::path folder_;
  StudyDescription description_;
  StudyOptions options_;
  Lease lease_;
  Journal journal_;
  StudyChanges* open_ = nullptr;  // of the transaction under way
};

}  // namespace tessera::search
