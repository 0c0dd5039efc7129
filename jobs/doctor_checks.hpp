// SPDX-License-Identifier: Apache-2.0
// What `tessera doctor` looks at: each check finds one thing and, where it is not as it should be, says what
// to do.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dist/communicator.hpp"

namespace tessera::jobs {

struct Finding {
  std::string subject, found;
  std::string remedy;  // empty: fine
};

/// All collective; what they return counts on the root.
std::vector<Finding> check_mpi(const dist::Communicator& world);
/// Round trips between the first rank and the last, and between two of one node where there are.
std::vector<Finding> check_links(const dist::Communicator& world);
/// Cores of each rank, and whether ranks of a node sit on each other's.
std::vector<Finding> check_cores(const dist::Communicator& world);
/// How far the ranks' clocks are apart: leases of a study are told by them.
std::vector<Finding> check_clocks(const dist::Communicator& world);
/// One GPU for each rank of every node, and the NCCL of this build.
std::vector<Finding> check_gpus(const dist::Communicator& world);
/// Free space, speed and locks of the file system that `folder` is on; leaves nothing there. Raises DataError
/// where nothing can be written.
std::vector<Finding> check_folder(const dist::Communicator& world, const std::filesystem::path& folder);

}  // namespace tessera::jobs
