// SPDX-License-Identifier: Apache-2.0
// Whether the GPUs of a node read each other's memory, or their gradients go through the host's.
#pragma once

#include <functional>
#include <vector>

#include "dist/communicator.hpp"
#include "jobs/doctor_checks.hpp"

namespace tessera::jobs {

/// Collective; what it returns counts on the root. One finding for all nodes that are alike, for pairs of the
/// GPUs that the first rank of each sees.
std::vector<Finding> check_gpu_peers(const dist::Communicator& world);

/// Pure. Of a node with `on_node` GPUs, of which the rank that looks sees `seen`.
Finding describe_gpu_peers(int on_node, int seen, const std::function<bool(int, int)>& can_access);

}  // namespace tessera::jobs
