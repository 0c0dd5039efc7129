// SPDX-License-Identifier: Apache-2.0
// The trials of a search that are trainings: settings into a configuration, validation metrics out.
#pragma once

#include <memory>
#include <string>

#include "search/objective.hpp"
#include "search/search_config.hpp"
#include "train/training_run.hpp"

namespace tessera::jobs {

class TrainingTrials {
 public:
  /// Collective. Opens the base's dataset, and checks that it has the metric and that the base takes every
  /// parameter of the space: raises InputError as read_training_config, the datasets and the networks do.
  /// `command` is for the runs' records.
  TrainingTrials(const dist::Communicator& world, const search::SearchConfig& search, std::string command);

  /// See search::Objective.
  search::Ending run(const search::Assignment& trial, const dist::Communicator& ranks,
                     const search::Report& report);

  /// Local. What a training of this rank was stopped for, if one was.
  dist::Stop stop() const { return stop_; }

  /// Local. The base with these settings, as a training would resolve it.
  std::string resolved_config(const search::Settings& settings,
                              const std::filesystem::path& run_folder) const;

 private:
  core::Config config_of(const search::Settings& settings, const std::filesystem::path& run_folder) const;
  search::Settings first_settings() const;
  void check_space() const;
  void check_data(const train::TrainingConfig& config);

  const search::SearchConfig& search_;
  std::string command_, base_text_;
  torch::Device device_;
  dist::Stop stop_ = dist::Stop::None;
  int threads_;  // of a rank, beside those of other trials
  std::filesystem::path dataset_path_;
  std::unique_ptr<train::Dataset> dataset_;
};

}  // namespace tessera::jobs
