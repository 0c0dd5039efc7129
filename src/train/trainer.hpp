// SPDX-License-Identifier: Apache-2.0
// The training loop: epochs of updates, validation, the best epoch, checkpoints, and the decision to stop.
// Every decision is taken once, on figures of the global batch, and is the same on every rank.
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "dist/communicator.hpp"
#include "dist/stop_request.hpp"
#include "models/batch.hpp"
#include "train/feed.hpp"
#include "train/section_clock.hpp"
#include "train/task.hpp"
#include "train/training_config.hpp"

namespace tessera::train {

enum class Outcome { Finished, StoppedEarly, StoppedInTime, Halted };

/// What is known at the end of an epoch.
struct Epoch {
  std::int64_t number = 0;     // from 1
  const NamedValues& metrics;  // on the validation split
  double best_metric = 0;      // so far, of the one that chooses the epoch
};

/// Called on every rank after each epoch; false halts the training there, with a checkpoint. The answer must
/// be the same on every rank.
using AfterEpoch = std::function<bool(const Epoch&)>;

/// What has not been measured is NaN or absent, never 0.
struct TrainingResult {
  static constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();
  Outcome outcome = Outcome::Finished;
  dist::Stop stop = dist::Stop::None;        // what it was asked to stop for, if it was
  std::int64_t steps = 0;                    // taken in this start; none where nothing was left to do
  std::int64_t samples = 0;                  // trained on in this start, over all ranks
  std::int64_t epochs = 0;                   // done
  std::int64_t best_epoch = 0;               // 1-based; 0 before the first validation
  std::string metric;                        // the one that chooses the best epoch,
  double best_metric = kNothing;             // and its value there, on the validation split
  double seconds = 0;                        // training, over all starts
  double samples_per_second = kNothing;      // of the last start that took a step
  std::string weights_sha256;                // as stored in checkpoints/last
  std::vector<SectionSeconds> rank_seconds;  // where that start's time went, by rank
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
  /// Called once on every rank when it is known that the training can start or go on, before anything of an
  /// earlier start is changed; not called where nothing is left to do.
  std::function<void()> on_start = [] {};
  AfterEpoch after_epoch = [](const Epoch&) { return true; };
  SectionClock clock = {};  // started where the training's time is counted from
};

/// Collective. Goes on from the newest valid checkpoint of the run folder, or starts. Raises DataError where
/// the loss is no longer finite, naming step, records and the first bad tensor.
TrainingResult train(const TrainingParts& parts);

}  // namespace tessera::train
