// SPDX-License-Identifier: Apache-2.0
// Predictions of many records, each rank a share, gathered so that every rank holds all of them and computes
// the same metrics to the last bit.
#pragma once

#include <span>

#include "dist/communicator.hpp"
#include "models/batch.hpp"
#include "train/feed.hpp"
#include "train/task.hpp"

namespace tessera::train {

/// Collective. The network in evaluation mode, in batches of at most `batch` records; its mode is put back.
Predictions predict(models::Network& network, const Task& task, Feed& feed,
                    std::span<const std::int64_t> records, std::int64_t batch, bool bf16,
                    const dist::Communicator& comm);

}  // namespace tessera::train
