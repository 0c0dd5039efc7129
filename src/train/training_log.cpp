// SPDX-License-Identifier: Apache-2.0
#include "train/training_log.hpp"

#include <fmt/core.h>

#include <optional>

#include "core/file.hpp"

namespace tessera::train {

TrainingLog::TrainingLog(const TrainingLogOptions& options)
    : total_epochs_(options.total_epochs),
      progress_({.title = "train",
                 .unit = "steps",
                 .total = options.total_steps,
                 .already_done = options.step,
                 .shown = options.show_progress && options.is_root}) {
  if (!options.is_root) return;
  core::make_folder(options.folder);
  std::vector<std::string> columns{"epoch", "step", "seconds", "learning_rate", "train_loss"};
  for (const auto& name : options.metric_names) columns.push_back("validation_" + name);
  metrics_ = std::make_unique<report::MetricsLog>(
      options.folder, columns, options.resumed ? std::optional(options.step) : std::nullopt);
  // A start that was killed before its first checkpoint has left events too: step 0 voids them all.
  events_ = std::make_unique<report::EventWriter>(options.folder, options.step);
}

void TrainingLog::step(std::int64_t step, std::int64_t epoch_index, double loss, double gradient_norm) {
  progress_.update(step, fmt::format("epoch {}/{} loss {:.4g}", epoch_index + 1, total_epochs_, loss));
  if (events_) events_->write(step, {{"train/step_loss", loss}, {"train/gradient_norm", gradient_norm}});
}

void TrainingLog::epoch(const EpochFigures& figures, const NamedValues& metrics) {
  if (!metrics_) return;
  std::vector<double> row{static_cast<double>(figures.epoch), static_cast<double>(figures.step),
                          figures.seconds, figures.learning_rate, figures.train_loss};
  std::vector<std::pair<std::string, double>> scalars{{"train/loss", figures.train_loss},
                                                      {"train/learning_rate", figures.learning_rate}};
  for (const auto& [name, value] : metrics) {
    row.push_back(value);
    scalars.emplace_back("validation/" + name, value);
  }
  metrics_->append(row);
  events_->write(figures.step, scalars);
}

void TrainingLog::finish(std::int64_t step) {
  progress_.finish(step);
}

}  // namespace tessera::train
