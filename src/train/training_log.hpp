// SPDX-License-Identifier: Apache-2.0
// What a training says of itself while it runs: progress on the root's terminal, and in its folder
// metrics.csv, metrics.jsonl and TensorBoard's events. The other ranks' logs say nothing.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "report/event_writer.hpp"
#include "report/metrics_log.hpp"
#include "report/progress.hpp"
#include "train/task.hpp"

namespace tessera::train {

struct TrainingLogOptions {
  std::filesystem::path folder;
  std::vector<std::string> metric_names;
  std::int64_t total_steps = 0, total_epochs = 0;
  std::int64_t step = 0;  // of the checkpoint gone on from: what was logged behind it is withdrawn
  bool resumed = false;
  bool is_root = true, show_progress = true;
};

/// An epoch that is over.
struct EpochFigures {
  std::int64_t epoch = 0, step = 0;  // done so far
  double seconds = 0;                // of the whole run
  double learning_rate = 0, train_loss = 0;
};

class TrainingLog {
 public:
  /// Raises DataError where a file cannot be written.
  explicit TrainingLog(const TrainingLogOptions& options);

  /// `step` of the whole run is done, in the epoch with this index.
  void step(std::int64_t step, std::int64_t epoch_index, double loss, double gradient_norm);
  void epoch(const EpochFigures& figures, const NamedValues& metrics);
  void finish(std::int64_t step);

 private:
  std::int64_t total_epochs_;
  report::Progress progress_;
  std::unique_ptr<report::MetricsLog> metrics_;
  std::unique_ptr<report::EventWriter> events_;
};

}  // namespace tessera::train
