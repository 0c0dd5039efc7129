// SPDX-License-Identifier: Apache-2.0
// One training on 1, 2, 4 … of a job's ranks, one after the other, timed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dist/communicator.hpp"
#include "report/scaling_report.hpp"

namespace tessera::jobs {

struct ScalingOptions {
  std::string config;
  std::vector<std::string> overrides;
  std::filesystem::path folder;  // of the runs: FOLDER/strong-2 …
  std::int64_t epochs = 3;
  std::string command;
};

/// 1, 2, 4 … and `size` itself.
std::vector<int> rank_counts(int size);

/// Collective. The runs of the first so many ranks of `world`, on as many threads each as in the whole job;
/// the others nap. Each starts anew in its folder. Raises as run_training does.
report::ScalingFacts time_scaling(const dist::Communicator& world, const ScalingOptions& options);

}  // namespace tessera::jobs
