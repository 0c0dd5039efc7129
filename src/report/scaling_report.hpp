// SPDX-License-Identifier: Apache-2.0
// What more ranks are worth: the same training on 1, 2, 4 … ranks, with the same global batch (strong
// scaling) and with the same batch a rank (weak), and where the time of each went.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "report/rank_table.hpp"

namespace tessera::report {

struct ScalingRun {
  std::string mode;  // strong, weak; the run of one rank is both, and stands once
  int ranks = 1;
  std::int64_t global_batch = 0;
  double samples_per_second = 0;  // of the steps: input, compute, waiting, optimiser
  double wall_seconds = 0;        // of the whole run on rank 0, measured around it
  RankSections sections;
};

struct ScalingFacts {
  std::string title;
  std::vector<std::pair<std::string, std::string>> facts;  // configuration, machine, threads
  std::vector<ScalingRun> runs;                            // the first is of one rank
};

/// Rate over ranks times the rate of one.
double parallel_efficiency(const ScalingRun& run, const ScalingFacts& scaling);

/// Rank 0's sections over its wall time: 1 where all time is accounted for.
double accounted_share(const ScalingRun& run);

/// A row a run: mode, ranks, global_batch, samples_per_second, efficiency, wall_seconds, accounted, and the
/// mean over the ranks of each section's seconds.
std::string scaling_csv(const ScalingFacts& scaling);

/// The whole HTML document.
std::string make_scaling_report(const ScalingFacts& scaling);

}  // namespace tessera::report
