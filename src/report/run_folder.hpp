// SPDX-License-Identifier: Apache-2.0
// What a run left behind, as values: whatever of it is there and can be read. Nothing here fails for a
// missing or broken part; `missing` says in words what was not found.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/csv.hpp"
#include "report/rank_table.hpp"

namespace tessera::report {

/// run.json; a text is empty and a number absent where it is not told.
struct RunFacts {
  std::string name, started, finished, state, command, slurm_job;
  std::string version, torch, compiler, device;
  std::string task, target, target_unit, transform, dataset;
  std::vector<std::string> hosts;
  std::vector<std::pair<std::string, std::int64_t>> records;  // of each split
  std::vector<std::pair<std::string, double>> seconds;        // of each section of the last start
  std::optional<double> total_seconds;                        // over all starts
  RankSections rank_seconds;                                  // of each section and rank
  std::optional<std::int64_t> ranks, threads_per_rank, seed, parameters, epochs_done;
  std::optional<std::int64_t> best_epoch;  // absent also before the first validation
  std::string best_metric;
  std::optional<double> best_value;
};

/// evaluation-<split>.json.
struct Evaluation {
  std::string split, task;
  std::optional<std::int64_t> records;
  std::vector<std::pair<std::string, double>> metrics;
};

/// predictions/<split>.csv; classes and numbers alike as text.
struct Predictions {
  std::string split;
  std::vector<std::string> id, target, prediction;
};

/// An image that came out well or badly.
struct Picture {
  std::string png;  // the file's bytes
  std::string caption;
};
struct Pictures {
  std::string split;
  std::vector<Picture> pictures;
  bool are_grad_cams = false;  // else masks
};

struct RunFolder {
  std::filesystem::path path;
  RunFacts facts;
  std::string model;                                               // model.name of the configuration
  std::string config;                                              // config.toml as it stands
  std::vector<std::string> curve_columns;                          // metrics.csv
  std::vector<std::vector<double>> curves;                         // one vector a column
  std::vector<Evaluation> evaluations;                             // the test split first
  std::vector<Predictions> predictions;                            // the same order
  std::vector<Pictures> pictures;                                  // predictions/<split>-pictures
  std::vector<std::pair<std::string, std::int64_t>> split_counts;  // splits.csv
  std::optional<core::CsvTable> quarantine;                        // of the dataset
  std::vector<std::string> missing;
};

/// Raises InputError where the folder holds no sign of a run.
RunFolder read_run_folder(const std::filesystem::path& path);

}  // namespace tessera::report
