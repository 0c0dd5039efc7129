// SPDX-License-Identifier: Apache-2.0
#include "search/journal.hpp"

#include <fmt/core.h>

#include <optional>

#include "core/error.hpp"
#include "core/log.hpp"
#include "search/journal_line.hpp"

namespace tessera::search {
namespace {

std::string shown(std::string_view text) {
  return fmt::format("{}{}", text.substr(0, 60), text.size() > 60 ? "…" : "");
}

}  // namespace

void JournalBatch::append(const std::string& line) {
  replay_.apply(std::string_view(line).substr(0, line.size() - 1));
  lines_ += line;
  ++num_lines_;
}

void JournalBatch::create_study(Direction direction) {
  append(journal_line::create_study(worker_, name_, direction));
}
void JournalBatch::set_study_user_attribute(const std::string& key, const std::string& json) {
  append(journal_line::study_user_attribute(worker_, replay_.study_id(), key, json));
}
void JournalBatch::set_study_system_attribute(const std::string& key, const std::string& json) {
  append(journal_line::study_system_attribute(worker_, replay_.study_id(), key, json));
}
std::int64_t JournalBatch::create_trial(const Trial& trial) {
  append(journal_line::create_trial(worker_, replay_.study_id(), trial));
  return std::ssize(study()->trials) - 1;
}
void JournalBatch::set_param(std::int64_t number, const std::string& name, const Setting& setting) {
  append(journal_line::set_param(worker_, replay_.trial_id(number), name, setting));
}
void JournalBatch::set_state(std::int64_t number, TrialState state, std::optional<double> value,
                             const std::string& time) {
  append(journal_line::set_state(worker_, replay_.trial_id(number), state, value, time));
}
void JournalBatch::report(std::int64_t number, std::int64_t step, double value) {
  append(journal_line::report(worker_, replay_.trial_id(number), step, value));
}
void JournalBatch::set_trial_user_attribute(std::int64_t number, const std::string& key,
                                            const std::string& json) {
  append(journal_line::trial_user_attribute(worker_, replay_.trial_id(number), key, json));
}
void JournalBatch::set_trial_system_attribute(std::int64_t number, const std::string& key,
                                              const std::string& json) {
  append(journal_line::trial_system_attribute(worker_, replay_.trial_id(number), key, json));
}

Journal::Journal(std::filesystem::path file, std::string study_name, std::string worker,
                 JournalLockOptions lock)
    : path_(std::move(file)),
      name_(std::move(study_name)),
      worker_(std::move(worker)),
      lock_(lock),
      replay_(name_) {}

void Journal::forget() {
  replay_ = JournalReplay(name_);
  offset_ = num_lines_ = 0;
  inode_ = 0;
  tail_.clear();
}

// The lines that stand whole in `text`; what is left of it.
std::string_view Journal::read_lines(std::string_view text) {
  for (auto end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    const auto line = text.substr(0, end);
    // What a writer left torn and another, which does not look, wrote behind: nothing while it is the last.
    if (end + 1 == text.size() && !is_journal_line(line)) break;
    try {
      replay_.apply(line);
    } catch (const core::DataError& error) {
      const std::string why = error.what();
      const auto number = num_lines_ + 1;
      const std::string bad = shown(line);
      forget();
      throw core::DataError(
          fmt::format("{}:{} must be one operation of Optuna's journal: {} (the line is '{}'). A copy kept, "
                      "remove this line; "
                      "what it said is lost, all others stay.",
                      path_.string(), number, why, bad));
    }
    text.remove_prefix(end + 1);
    offset_ += static_cast<std::int64_t>(end) + 1;
    ++num_lines_;
  }
  return text;
}

void Journal::read_from(const JournalFile& file) {
  if (inode_ != 0 && inode_ != file.inode())
    throw core::DataError(
        fmt::format("{} was replaced while this program ran: nobody but searches and Optuna may write to it. "
                    "Start again; the search goes on with what it holds now.",
                    path_.string()));
  if (file.size() < offset_) forget();  // a writer took back what the disk had no room for
  inode_ = file.inode();
  tail_ = read_lines(file.from(offset_));
}

void Journal::refresh() {
  const auto file = JournalFile::to_read(path_);
  if (!file && inode_ != 0) throw core::InputError(fmt::format("cannot read {}: it is gone", path_.string()));
  if (file) read_from(*file);
}

void Journal::transact(const std::function<void(JournalBatch&)>& work) {
  std::optional<JournalLock> lock(std::in_place, path_, lock_);
  const auto file = JournalFile::to_append(path_);
  read_from(file);
  if (!tail_.empty()) {
    core::log::warning("{} ended in {} bytes that a killed writer left torn: removed '{}'", path_.string(),
                       tail_.size(), shown(tail_));
    file.cut(offset_);
    tail_.clear();
  }
  JournalBatch batch(replay_, name_, worker_);
  try {
    work(batch);
    if (batch.lines_.empty()) return;
    if (!lock->is_held())
      throw core::ParallelError(fmt::format(
          "the lock of {} was taken over by another process, because this one stood still for more than "
          "{:g} s. Nothing was written. Start again with --join.",
          path_.string(), lock_.grace_seconds));
    file.append(batch.lines_, offset_);
    // Whoever is next may go on from what is not on the disk yet: their own flush takes it there too. The
    // disk then serves several at once.
    if (file.is_seen_at_once()) lock.reset();
    try {
      file.flush(lock ? std::optional(offset_) : std::nullopt);
    } catch (const core::DataError& error) {
      if (lock) throw;
      // Others may stand on these lines, and no flush of theirs would take them to the disk now.
      core::log::warning("{} Once more.", error.what());
      const JournalLock again(path_, lock_);
      file.write_again(batch.lines_, offset_);
    }
  } catch (...) {
    forget();  // the study has seen operations that stand nowhere
    throw;
  }
  offset_ += static_cast<std::int64_t>(batch.lines_.size());
  num_lines_ += batch.num_lines_;
}

}  // namespace tessera::search
