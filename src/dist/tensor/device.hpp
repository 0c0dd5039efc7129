// SPDX-License-Identifier: Apache-2.0
// Which device a rank computes on, how many threads it may use, and how its threads treat denormals. A rank
// is one process with one device: a GPU that no other rank of its node computes on.
#pragma once

#include <torch/torch.h>

#include <optional>
#include <string>
#include <vector>

#include "dist/communicator.hpp"

namespace tessera::dist {

/// Pure. The index of the GPU that rank `rank` of a node takes, where `visible[r]` tells what rank r sees, by
/// index: the first that no lower rank takes, so it serves whether all see all GPUs or each its own. Nothing
/// where none is left.
std::optional<int> gpu_for_rank(const std::vector<std::vector<std::string>>& visible, int rank);

/// Collective. `wanted` is "cpu", "cuda", or "auto" (CUDA where this build has it and every rank finds a GPU
/// of its own). Makes the GPU the current one of this thread. Raises InputError for another name, and where
/// "cuda" is wanted and a node has fewer GPUs than ranks. Logs the choice, and warns where "auto" leaves GPUs
/// idle.
torch::Device choose_device(const std::string& wanted, const Communicator& ranks);

/// Collective. The cores this process may run on, shared fairly with the node's other ranks on the same
/// cores; at least 1. OMP_NUM_THREADS, where set, wins.
int threads_for_rank(const Communicator& ranks);

/// Local. Sets LibTorch's threads, and flushes denormals to zero on them and on the calling thread: the
/// setting belongs to a thread, and activations near zero cost up to 4x the time without it.
void prepare_threads(int num_threads);

/// Local. For threads made later (a loader's, say).
void flush_denormals_on_this_thread();

}  // namespace tessera::dist
