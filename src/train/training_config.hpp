// SPDX-License-Identifier: Apache-2.0
// A training configuration as typed values: the tables [data], [train], [augmentation],
// [checkpoint], [dist] and [run].
// [model] is read by the network's factory, which knows its settings.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/config.hpp"
#include "data/normaliser.hpp"
#include "data/split.hpp"
#include "dist/communicator.hpp"
#include "microstructure/filters/augmentation.hpp"
#include "train/optimizer.hpp"

namespace tessera::train {

struct DataOptions {
  std::filesystem::path dataset;
  std::string target;
  data::Transform transform = data::Transform::None;
  data::SplitOptions split;
  std::int64_t memory_mb = 2048;  // of decoded shards a rank may keep
  std::int64_t crop = 0;          // masks: side of a training piece, px; see PatchOptions
  std::int64_t size = 0;          // labels of images: side of the pictures a network is given, px
  double crop_area = 1;           // labels of images: smallest share of the area that a training piece covers
};

struct TrainOptions {
  std::int64_t epochs = 100;
  std::int64_t global_batch = 256;  // samples of one update, over all ranks
  OptimizerOptions optimizer;
  double learning_rate = 1e-3;
  std::string schedule = "constant";
  double warmup_epochs = 0;
  std::int64_t step_epochs = 30;
  double step_factor = 0.1;
  std::int64_t plateau_patience = 10;
  std::string loss;               // empty: the task's own
  double gradient_clip = 0;       // of the global norm; 0 = off
  std::int64_t accumulation = 1;  // micro-batches a rank cuts its part of a global batch into
  double ema = 0;                 // decay of the averaged weights; 0 = off
  std::string precision = "float32";
  std::int64_t early_stop_patience = 0;   // epochs without a better metric; 0 = off
  std::filesystem::path initial_weights;  // safetensors of a network of the same shape; empty: at random
  std::uint64_t seed = 0;
  bool reproducible = false;
  std::int64_t virtual_shards = 8;  // reproducible mode: parts of a global batch, whatever the rank count
  // 0: the cores this rank may use, shared with the node's other ranks; 1 in reproducible mode, where a sum
  // over threads would follow their number.
  std::int64_t threads_per_rank = 0;
  double time_limit_minutes = 0;  // 0 = none
  std::int64_t trace_steps = 0;   // steps of each start that are traced; see StepTrace
};

struct CheckpointOptions {
  double every_minutes = 10;
  std::int64_t every_epochs = 1;
  std::int64_t keep = 2;
};

struct TrainingConfig {
  DataOptions data;
  TrainOptions train;
  microstructure::AugmentationOptions augmentation;  // of micrographs
  CheckpointOptions checkpoint;
  double hang_timeout_seconds = 600;
  std::string device = "auto";  // auto, cpu, cuda
  std::filesystem::path run_folder;
};

/// Collective. Reads the configuration on one rank, with the overrides of --set, and hands it to all.
core::Config load_config(const std::string& path, const std::vector<std::string>& overrides,
                         const dist::Communicator& comm);

/// Raises InputError naming key, value, range and line. Call Config::refuse_unknown once [model] is read too.
TrainingConfig read_training_config(core::Config& config);

}  // namespace tessera::train
