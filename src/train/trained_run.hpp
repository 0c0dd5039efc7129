// SPDX-License-Identifier: Apache-2.0
// A finished (or stopped, or imported) training, opened to be used: its network with the weights of one
// checkpoint.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "models/batch.hpp"
#include "train/run_record.hpp"
#include "train/training_config.hpp"

namespace tessera::train {

struct TrainedRun {
  std::filesystem::path folder;
  RunRecord record;
  TrainingConfig config;
  std::shared_ptr<models::Network> network;
};

/// `checkpoint` is "best", "last" or a checkpoint's name. Raises InputError where there is no run or no such
/// checkpoint, DataError where it is damaged.
TrainedRun open_trained_run(const std::filesystem::path& folder, const std::string& checkpoint,
                            torch::Device device);

}  // namespace tessera::train
