// SPDX-License-Identifier: Apache-2.0
// The training loop: epochs of updates, validation, the best epoch, checkpoints, and the decision to stop.
// Every decision is taken once, on figures of the global batch, and is the same on every rank.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dist/communicator.hpp"
#include "models/batch.hpp"
#include "train/feed.hpp"
#include "train/task.hpp"
#include "train/training_config.hpp"

namespace tessera::train {

enum class Outcome { Finished, StoppedEarly, StoppedInTime };

struct TrainingResult {
  Outcome outcome = Outcome::Finished;
  std::int64_t epochs = 0;        // done
  std::int64_t best_epoch = 0;    // 1-based
  double best_metric = 0;         // of the best epoch, on the validation split
  double seconds = 0;             // training, over all starts
  double samples_per_second = 0;  // of this start
  std::string weights_sha256;     // as stored in checkpoints/last
  NamedValues section_seconds;    // where this start's time went, on rank 0
};

/// What the loop works on; everything lives longer than the loop.
struct TrainingParts {
  const TrainingConfig& config;
  const dist::Communicator& comm;
  models::Network& network;
  const Task& task;
  Feed& feed;
  const data::Split& splits;
  torch::Device device;
  std::function<std::string(std::int64_t)> record_name;  // for messages
  bool show_progress = true;
};

/// Collective. Goes on from the newest valid checkpoint of the run folder, or starts. Raises DataError where
/// the loss is no longer finite, naming step, records and the first bad tensor.
TrainingResult train(const TrainingParts& parts);

}  // namespace tessera::train
