// SPDX-License-Identifier: Apache-2.0
// What a job may do to a study, trial by trial: each within a transaction of its journal (shared_study.hpp),
// decided on what all jobs have done so far.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "search/journal.hpp"
#include "search/lease.hpp"
#include "search/trial_record.hpp"

namespace tessera::search {

struct StudyOptions {
  bool join = false;             // work beside other jobs
  double lease_seconds = 300;    // renewed at a third of it; after it, others take up a job's trials
  std::int64_t max_retries = 2;  // of one trial that failed
  Job job = this_job();
  std::function<double()> clock = core::unix_time;  // seconds since 1970
  JournalLockOptions lock = {};
};

/// What a job does within one transaction. Each takes effect on `study` at once. Those on a trial return
/// false, and do nothing, where it is no longer this job's: its lease had run out, and another took it up.
class StudyChanges {
 public:
  const Study& study() const { return *batch_.study(); }
  double now() const { return now_; }

  /// Trials of jobs that are gone: each is marked FAIL and put back in the queue, unless its last starts,
  /// more than max_retries and five, were all lost before they had reported anything.
  void give_back_lost();
  /// The first waiting trial, given back or enqueued, is this job's now; nothing where none waits. `complete`
  /// is handed it and returns its settings; those that it has already stay.
  std::optional<std::int64_t> claim_waiting(const std::function<Settings(const Trial&)>& complete);
  /// A new trial of this job's; its number.
  std::int64_t start(const Settings& settings);

  /// The score after an epoch, which may be NaN.
  bool report(std::int64_t number, std::int64_t epoch, double value);
  /// A system attribute, such as a pruner's.
  bool note(std::int64_t number, const std::string& key, const std::string& json);
  bool complete(std::int64_t number, double value);
  /// With its last report as its value, if it has one that is a number.
  bool prune(std::int64_t number);
  /// `retry`: put back in the queue, at most max_retries times.
  bool fail(std::int64_t number, const std::string& reason, bool retry);
  /// Nobody works on it until some job resumes it; `json` says why and where. Also for a job that must stop
  /// in time: what is parked counts as no retry.
  bool park(std::int64_t number, const std::string& json);
  /// A parked trial is this job's now; false where it is not parked any more.
  bool resume(std::int64_t number);

 private:
  friend class SharedStudy;
  StudyChanges(JournalBatch& batch, const StudyOptions& options, double now)
      : batch_(batch), options_(options), now_(now), time_(core::utc_timestamp(now)) {}
  bool is_ours(std::int64_t number) const;
  void end(std::int64_t number, TrialState state, std::optional<double> value);
  bool put_back(std::int64_t number, bool is_lost);

  JournalBatch& batch_;
  const StudyOptions& options_;
  double now_;
  std::string time_;
};

}  // namespace tessera::search
