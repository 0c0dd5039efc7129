// SPDX-License-Identifier: Apache-2.0
// One training from its configuration to its record: what `tessera train` does, and each trial of a search.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/config.hpp"
#include "train/dataset.hpp"
#include "train/trainer.hpp"

namespace tessera::train {

struct TrainingStart {
  bool fresh = false;      // start anew; refused where the folder holds a run already,
  bool overwrite = false;  // but with this
  bool show_progress = true;
  std::string command;              // for the record
  std::optional<int> threads = {};  // in place of the cores shared among the communicator's ranks on the node
  std::optional<torch::Device> device = {};  // in place of what [dist] says
  AfterEpoch after_epoch = [](const Epoch&) { return true; };
};

/// Opens data.dataset as the configuration says. Raises as open_dataset does.
std::unique_ptr<Dataset> open_dataset(const TrainingConfig& config);

/// Collective. Trains what `toml` says on `dataset` (of data.dataset) into its run folder, or goes on with
/// what stands there; keeps config.toml, splits.csv and run.json. Raises InputError for a configuration that
/// does not fit the dataset, has an unknown key, or is another experiment than the folder's, and as train
/// does.
TrainingResult run_training(const dist::Communicator& comm, core::Config& toml, const Dataset& dataset,
                            const TrainingStart& start);

}  // namespace tessera::train
