// SPDX-License-Identifier: Apache-2.0
// One part of a global batch, forward and backward on one rank: what both kinds of step are made of.
#pragma once

#include <cstdint>

#include "models/batch.hpp"
#include "train/gradient_step.hpp"
#include "train/task.hpp"

namespace tessera::train {

/// Adds the part's share of the global mean loss to the gradients and returns that share. `stream` names the
/// dropout masks: parts with equal names drop the same units whoever runs them.
double add_part_gradient(models::Network& network, const Task& task, const models::Batch& batch,
                         std::int64_t global_samples, std::uint64_t stream, bool bf16);

}  // namespace tessera::train
