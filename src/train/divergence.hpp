// SPDX-License-Identifier: Apache-2.0
// What to say when a step's loss or gradient is no number: where it began, so that a bad record is told from
// a learning rate that is too high.
#pragma once

#include "train/checkpoint.hpp"
#include "train/optimizer.hpp"
#include "train/trainer.hpp"

namespace tessera::train {

/// Collective. Raises DataError naming step, first bad gradient, and those records of the batch whose output
/// alone is not finite; none where all are. Leaves the network in evaluation mode.
[[noreturn]] void fail_on_divergence(const TrainingParts& parts, const NamedParameters& parameters,
                                     const TrainingState& state, double loss,
                                     std::span<const std::int64_t> batch);

}  // namespace tessera::train
