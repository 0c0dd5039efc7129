// SPDX-License-Identifier: Apache-2.0
// What a search keeps of a trial beside what Optuna does: who works on it, whether it is parked, what it
// retries, where its run lies. All of it in attributes, which Optuna keeps as they are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "search/trial.hpp"

namespace tessera::search {

inline const std::string kJobAttribute = "tessera:job";        // system: Job::name() of who works on it
inline const std::string kParkedAttribute = "tessera:parked";  // system: JSON of why and where; null: no more
inline const std::string kReasonAttribute = "fail_reason";     // user: why it failed

/// The job that works on it; nothing of a parked, waiting or finished one, nor of one that is not ours.
std::optional<std::string> job_of(const Trial& trial);

/// What it was parked with (JSON, a rung of asha_promotion mostly); nothing where it runs
/// or is finished. A parked trial is RUNNING for Optuna, and nobody works on it: any job may resume it.
std::optional<std::string> parked(const Trial& trial);

/// The complete trial with the best value; null where there is none.
const Trial* best_trial(const Study& study);

/// The numbers of the trials that this one does again, the first of them first; empty mostly. As Optuna's
/// RetryHeartbeatStaleTrialCallback keeps them, `failed_trial` and `retry_history`.
std::vector<std::int64_t> retry_history(const Trial& trial);
bool is_retry(const Trial& trial);

/// What it and the trials that it does again have reported; of two reports of a step its own.
std::map<std::int64_t, double> reports(const Study& study, const Trial& trial);

/// Why it failed, in whatever form somebody wrote it; empty where nobody did.
std::string reason_of(const Trial& trial);

/// "trials/7" within the study's folder: that of the first of its retries, so that training goes on from its
/// checkpoint.
std::filesystem::path run_folder(const Trial& trial);

/// A waiting copy of a trial that failed, in its place.
Trial retry_of(const Trial& failed);

/// Settings that somebody asked for when enqueuing the trial (Optuna's `fixed_params`), of those names that
/// `space` has. A value that its distribution cannot take is left out, and said.
Settings fixed_settings(const Trial& trial, const std::map<std::string, Distribution>& space);

/// What was used of a study's budgets, over all jobs.
struct StudySpent {
  std::int64_t trials = 0;  // started; a retry is the same trial
  std::int64_t epochs = 0;  // reported: one report is one epoch of work, also of trials that failed
  double seconds = 0;       // with at least one job at work
};
StudySpent spent(const Study& study, double now);

}  // namespace tessera::search
