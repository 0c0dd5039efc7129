// SPDX-License-Identifier: Apache-2.0
// run.json: what was trained, on what, by whom, how it went. Written at the start and at the end; evaluation,
// prediction and report read it back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "microstructure/filters/grey_scale.hpp"
#include "train/task.hpp"
#include "train/trainer.hpp"

namespace tessera::train {

/// The target and how it was brought into the trained space.
struct TargetDescription {
  std::string name;
  std::string unit;
  std::string kind = "regression";  // or classification, segmentation
  std::string loss = "mse";
  data::Normaliser normaliser;            // of a regression
  ClassificationSettings classification;  // of a segmentation: of each pixel
  // Of a number of images: by which their pixels go in, in shares of white, fitted to those trained on.
  std::optional<microstructure::GreyScale> grey;

  /// Width of the network's output.
  std::int64_t outputs() const;
};

/// The task of a described target over the records of some dataset (NaN where a target is not known).
std::unique_ptr<Task> make_task(const TargetDescription& target, std::vector<double> targets);

/// The state of weights that another program trained (jobs/import_cgcnn.py): dataset and times are unknown,
/// and no training goes on from them.
inline constexpr const char* kImported = "imported";

struct RunRecord {
  std::string name, command, started, finished;
  std::string state = "running";  // running, finished, stopped_early, stopped_in_time, imported
  int ranks = 1;
  std::vector<std::string> hosts;
  std::string slurm_job;  // empty outside Slurm
  std::int64_t threads_per_rank = 1;
  std::string device = "cpu";
  std::uint64_t seed = 0;
  TargetDescription target;
  std::filesystem::path dataset;   // empty where it is unknown
  std::string preparation = "{}";  // JSON: how the dataset's features were made, for new crystals
  std::int64_t train_records = 0, validation_records = 0, test_records = 0;
  std::int64_t parameters = 0;
  TrainingResult result;
};

void write_run_record(const std::filesystem::path& run_folder, const RunRecord& record);

/// Raises InputError where there is no run, DataError where run.json is damaged. Reads what evaluation,
/// prediction and going on need: target, dataset, preparation, counts and the result.
RunRecord read_run_record(const std::filesystem::path& run_folder);
/// The same of the text of run.json; `file` names it in errors.
RunRecord parse_run_record(const std::string& text, const std::filesystem::path& file);

}  // namespace tessera::train
