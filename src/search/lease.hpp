// SPDX-License-Identifier: Apache-2.0
// The jobs at work on a study, as they say so in its journal: each holds a lease that it renews. A job whose
// lease ran out, or whose process is known to be dead, works no more; what it was working on is others' to
// take up. Kept in study system attributes, which Optuna keeps and does not look at.
#pragma once

#include <string>
#include <vector>

#include "search/process.hpp"
#include "search/trial.hpp"

namespace tessera::search {

struct Job {
  Process process;
  std::string slurm;             // "4711", "4711_3" of an array; empty outside Slurm
  std::int64_t slurm_start = 0;  // how often Slurm had put that job back into its queue

  /// No other job's, also later: "node7-31415-98765432".
  std::string name() const;
  /// For messages: "process 31415 on node7 (Slurm job 4711_3)".
  std::string text() const;
  bool operator==(const Job&) const = default;
};

Job this_job();

/// All times in seconds since 1970; hosts' clocks must agree to much less than a lease is long.
struct Lease {
  Job job;
  double began = 0, renewed = 0;
  double until = 0;  // 0: the job has left

  bool operator==(const Lease&) const = default;
};

/// Of every job that ever worked on the study. Raises DataError where an attribute of ours is none.
std::vector<Lease> leases_of(const Study& study);

bool is_live(const Lease& lease, double now);

/// The study's system attribute that holds a job's lease, and its JSON.
std::string lease_attribute(const Job& job);
std::string lease_json(const Lease& lease);

/// Seconds in which at least one job was at work.
double worked_seconds(const std::vector<Lease>& leases, double now);

}  // namespace tessera::search
