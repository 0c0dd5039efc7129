// SPDX-License-Identifier: Apache-2.0
// A journal on disk, for one study in it: what others appended is read as it comes; what we append is decided
// on what stands there, under the lock, and is on the disk when the call returns (one write, one fsync a
// batch; where the file system is one host's the lock is given up in between).
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "search/journal_file.hpp"
#include "search/journal_lock.hpp"
#include "search/journal_replay.hpp"

namespace tessera::search {

/// Operations to be appended together. Each takes effect on `study` at once. A killed writer or machine may
/// leave the first so many of them: their order must make sense wherever it is cut.
class JournalBatch {
 public:
  const std::optional<Study>& study() const { return replay_.study(); }
  std::vector<std::string> study_names() const { return replay_.study_names(); }

  void create_study(Direction direction);
  void set_study_user_attribute(const std::string& key, const std::string& json);
  void set_study_system_attribute(const std::string& key, const std::string& json);
  /// Its number; that of `trial` is not looked at.
  std::int64_t create_trial(const Trial& trial);
  void set_param(std::int64_t number, const std::string& name, const Setting& setting);
  void set_state(std::int64_t number, TrialState state, std::optional<double> value, const std::string& time);
  void report(std::int64_t number, std::int64_t step, double value);
  void set_trial_user_attribute(std::int64_t number, const std::string& key, const std::string& json);
  void set_trial_system_attribute(std::int64_t number, const std::string& key, const std::string& json);

 private:
  friend class Journal;
  JournalBatch(JournalReplay& replay, const std::string& name, const std::string& worker)
      : replay_(replay), name_(name), worker_(worker) {}
  void append(const std::string& line);

  JournalReplay& replay_;
  const std::string &name_, &worker_;
  std::string lines_;
  std::int64_t num_lines_ = 0;
};

class Journal {
 public:
  /// Reads nothing yet; the file need not exist. `worker` signs what is appended; it must be no other's.
  Journal(std::filesystem::path file, std::string study_name, std::string worker,
          JournalLockOptions lock = {});

  /// Reads what was appended since, without the lock. A last line that is torn or unreadable waits: it may
  /// yet become whole. Raises DataError naming file and line where another follows it, or where the file is
  /// not the one read before.
  void refresh();

  /// As of the last refresh or transaction.
  const std::optional<Study>& study() const { return replay_.study(); }
  std::vector<std::string> study_names() const { return replay_.study_names(); }

  /// Takes the lock, reads what was appended, removes (and says) what a killed writer left torn, and appends
  /// what `work` puts into the batch. Where `work` throws, nothing is appended. Raises InputError where file
  /// or folder cannot be written, DataError where the disk is full; the journal then ends as it did before,
  /// unless the lock was given up and only the flush failed, twice.
  void transact(const std::function<void(JournalBatch&)>& work);

 private:
  std::string_view read_lines(std::string_view text);
  void read_from(const JournalFile& file);
  void forget();

  std::filesystem::path path_;
  std::string name_, worker_;
  JournalLockOptions lock_;
  JournalReplay replay_;
  std::int64_t offset_ = 0, num_lines_ = 0;  // read so far: bytes, lines
  std::string tail_;                         // bytes behind them
  std::uint64_t inode_ = 0;
};

}  // namespace tessera::search
