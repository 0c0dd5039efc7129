// SPDX-License-Identifier: Apache-2.0
// The trainings of a cross-validation, each a run of its own in FOLDER/folds/K, and what they predict of the
// records that were held out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "jobs/fold_plan.hpp"
#include "train/training_run.hpp"

namespace tessera::jobs {

struct FoldRunOptions {
  std::filesystem::path folder;   // of the cross-validation
  std::string config;             // TOML of a training, every value in it
  std::string command;            // for the runs' records
  double time_limit_minutes = 0;  // of this start, over all folds; 0 = none
  bool show_progress = true;
};

class FoldRuns {
 public:
  /// Keeps references.
  FoldRuns(const dist::Communicator& comm, const train::Dataset& dataset, const FoldPlan& plan,
           FoldRunOptions options)
      : comm_(comm), dataset_(dataset), plan_(plan), options_(std::move(options)) {}

  /// Collective. Keeps every fold's splits.csv, and the configuration `resolved` of the whole. Raises
  /// InputError where the folder holds a cross-validation of other folds or settings.
  void prepare(const std::string& resolved) const;

  /// Collective. Trains a fold, or goes on with it; nothing is left to do of one that is finished.
  train::TrainingResult train(std::size_t fold);

  /// Collective. What a trained fold's best checkpoint says of its held-out records, in the target's unit.
  std::vector<double> predict_held_out(std::size_t fold) const;

 private:
  std::filesystem::path folder_of(std::size_t fold) const;
  core::Config config_of(std::size_t fold) const;

  const dist::Communicator& comm_;
  const train::Dataset& dataset_;
  const FoldPlan& plan_;
  FoldRunOptions options_;
  double seconds_here_ = 0;  // trained in this start
};

}  // namespace tessera::jobs
