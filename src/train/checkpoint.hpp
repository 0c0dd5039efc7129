// SPDX-License-Identifier: Apache-2.0
// Checkpoints: a folder each, published whole by one rename, every file checksummed; `last` and `best` are
// links. What is stored knows nothing of ranks, so any number of them goes on.
//   checkpoints/step-00000120/weights.safetensors   the weights to use (the averaged ones with train.ema)
//                             state.safetensors     optimiser, and the raw weights with train.ema
//                             state.json            cursor, schedule, best metric, SHA-256 of the other two
//                                                   and of itself
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>

#include "models/safetensors.hpp"
#include "train/schedule.hpp"

namespace tessera::train {

struct TrainingState {
  std::int64_t step = 0;           // updates done, over the whole training
  std::int64_t epoch = 0;          // the epoch the next update belongs to, from 0
  std::int64_t step_in_epoch = 0;  // updates of that epoch done
  // Which samples those updates took follows from these three.
  std::int64_t global_batch = 0;
  std::uint64_t seed = 0;
  std::int64_t steps_per_epoch = 0;
  double epoch_loss_sum = 0;    // of the epoch so far: sum over its samples …
  double epoch_samples = 0;     // … and their number
  double seconds = 0;           // spent training, over all starts
  std::int64_t best_epoch = 0;  // 1-based; 0 before the first validation
  double best_metric = std::numeric_limits<double>::quiet_NaN();
  std::int64_t epochs_without_gain = 0;
  Schedule::State schedule;
  models::NamedTensors weights;  // parameters and buffers, to use
  models::NamedTensors state;    // "optimizer.…", "raw.…"
};

/// Writes one checkpoint and points `last` (and `best`, where told) at it, then removes all but the newest
/// `keep` and what `best` points at. Checkpoints of later steps go first: a training that comes to this step
/// passed them over as damaged. Called by one rank. Returns the SHA-256 of the weights.
std::string save_checkpoint(const std::filesystem::path& run_folder, const TrainingState& state, bool is_best,
                            std::int64_t keep);

/// A checkpoint as its files stand, checksums verified: what one rank reads and the others are sent.
struct CheckpointFiles {
  std::filesystem::path folder;
  std::string description, weights, state;  // contents of state.json and the two safetensors

  std::string name() const { return folder.filename().string(); }
};

/// The newest checkpoint whose checksums hold; damaged ones are named in the log and passed over. Nothing
/// where there is none. Raises InputError for one of another Tessera's format.
std::optional<CheckpointFiles> newest_valid_checkpoint(const std::filesystem::path& run_folder);

TrainingState parse_checkpoint(const CheckpointFiles& files);

/// Points `last` at the checkpoint a training goes on from, and `best` where that one is the best by its own
/// state: a kill may have come between a checkpoint and its links. Whether `best` now names a whole
/// checkpoint is given back. Called by one rank.
bool settle_links(const std::filesystem::path& run_folder, const std::string& name,
                  const TrainingState& state);

/// "best", "last" or a checkpoint's own name. Raises InputError where it is missing, DataError where damaged.
TrainingState load_checkpoint(const std::filesystem::path& run_folder, const std::string& name);

/// The weights alone, all that using a network takes; raises as load_checkpoint does. Weights that were
/// trained elsewhere and imported stand in a checkpoint without an optimiser's state: no training goes on
/// from it.
models::NamedTensors load_checkpoint_weights(const std::filesystem::path& run_folder,
                                             const std::string& name);

}  // namespace tessera::train
