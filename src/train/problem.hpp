// SPDX-License-Identifier: Apache-2.0
// What a configuration asks of a dataset: which records take part, in which split, and the task their
// target makes.
#pragma once

#include <filesystem>
#include <memory>

#include "train/dataset.hpp"
#include "train/run_record.hpp"
#include "train/trainer.hpp"
#include "train/training_config.hpp"

namespace tessera::train {

struct Problem {
  TargetDescription target;
  std::unique_ptr<Task> task;
  data::Split splits;
};

/// Local, and the same on every rank. A target named space_group or crystal_system is learnt as classes, mask
/// of micrographs as a class of each pixel, any other as a number. Records without the target, and those
/// whose log10 does not exist, take no part and are counted in the log. Lists already in the run folder's
/// splits.csv are kept. Raises InputError for an unknown target or an empty training or validation split.
/// `earlier` is the record of the run that goes on: its weights speak in its normaliser's scale, and in that
/// of its grey levels, so these stay even where the records have changed.
Problem make_problem(const TrainingConfig& config, const Dataset& dataset,
                     const RunRecord* earlier = nullptr);

/// Raises InputError where the network answers for every pixel and the target is a number of an image, or the
/// other way about, and for settings of [data] that belong to the other of the two; of crystals nothing is
/// asked. `name` is the network's in messages.
void check_fits(const TrainingConfig& config, const data::DatasetIndex& index, const models::Network& network,
                const std::string& name);

/// Collective. The one scale by which the pixels of a number's images go in, from those of `records`; the
/// same to the last bit for any number of ranks.
microstructure::GreyScale fit_grey_scale(const Dataset& dataset, std::vector<std::int64_t> records,
                                         const dist::Communicator& comm);

/// How the images of a run are drawn, and shown.
PatchOptions patch_options(const TrainingConfig& config, const TargetDescription& target);

/// Of a dataset's preparation settings those that decide what a network of these features is given, as JSON:
/// not where the crystals came from, nor what only other networks read.
std::string settings_of_features(const std::string& preparation, models::Features features);

/// Width of the network's output for the configured target. Raises InputError for an unknown target.
std::int64_t target_outputs(const TrainingConfig& config, const Dataset& dataset);

/// One target of all records; NaN where it is not known, 0 of masks. Raises InputError for an unknown name.
std::vector<double> target_column(const data::DatasetIndex& index, const std::string& name);

/// The records of the lists kept in a run folder: "train", "validation" or "test".
std::vector<std::int64_t> read_split(const std::filesystem::path& run_folder, const std::string& part,
                                     const data::DatasetIndex& index);

}  // namespace tessera::train
