// SPDX-License-Identifier: Apache-2.0
// Every rank trains a copy of one model: these make sure of it, before the first step.
#pragma once

#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

#include "dist/tensor/tensor_communicator.hpp"

namespace tessera::dist {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// Collective. Number, names, shapes, types and need of a gradient must be those of rank 0, in its order.
/// Raises ParallelError on all ranks, naming the first tensor that differs and what both sides have.
void check_same_tensors(const Communicator& ranks, const NamedTensors& tensors);

/// Collective. Rank 0's values into everybody's tensors (weights, and buffers as batch norm's); any strides.
void broadcast_tensors(TensorCommunicator& comm, const NamedTensors& tensors);

}  // namespace tessera::dist
