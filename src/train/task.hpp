// SPDX-License-Identifier: Apache-2.0
// What is learnt: how a record's target becomes a tensor, which loss is made small, and how outputs become
// predictions and metrics. The trainer knows no more of a problem than this.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "data/normaliser.hpp"
#include "models/batch.hpp"
#include "train/loss.hpp"

namespace tessera::train {

/// Predictions of many records, in rising order of record number.
struct Predictions {
  std::vector<std::int64_t> records;
  std::int64_t columns = 0;    // the task's
  std::vector<double> values;  // (records, columns)

  std::span<const double> row(std::size_t i) const {
    return std::span(values).subspan(i * static_cast<std::size_t>(columns),
                                     static_cast<std::size_t>(columns));
  }
};

using NamedValues = std::vector<std::pair<std::string, double>>;

class Task {
 public:
  virtual ~Task() = default;

  /// "regression", "classification" or "segmentation".
  virtual std::string kind() const = 0;
  /// Width of the network's output.
  virtual std::int64_t outputs() const = 0;

  /// What the loss compares with: (records) float32 standardised, or int64 classes. Of pixels the feed knows.
  virtual torch::Tensor targets(std::span<const std::int64_t> records) const = 0;
  virtual const Loss& loss() const = 0;

  /// (samples, outputs), of pixels (samples, outputs, height, width) → (samples, columns) float64 on the CPU:
  /// what metrics and tables need of a prediction.
  virtual torch::Tensor predictions(const torch::Tensor& output, const models::Batch& batch) const = 0;
  /// Under `metric_names`, in their order.
  virtual NamedValues metrics(const Predictions& predictions) const = 0;
  virtual std::vector<std::string> metric_names() const = 0;
  /// The metric that chooses the best epoch, and its direction.
  virtual std::string selection_metric() const = 0;
  virtual bool higher_is_better() const = 0;

  /// A prediction and its target in the target's own unit, of a mask the length of its boundary in pixels;
  /// the target is NaN where it is not known.
  virtual double predicted_value(std::span<const double> prediction) const = 0;
  virtual double target_value(std::int64_t record, std::span<const double> prediction) const = 0;
};

/// One number, learnt standardised; `targets` of all records in their own unit.
std::unique_ptr<Task> make_regression_task(std::vector<double> targets, const data::Normaliser& normaliser,
                                           const std::string& loss);

/// Classes numbered `first` … `first + classes − 1` in the targets (space groups are 1 … 230).
struct ClassificationSettings {
  std::int64_t first = 1;
  std::int64_t classes = 2;
};
std::unique_ptr<Task> make_classification_task(std::vector<double> targets,
                                               const ClassificationSettings& settings,
                                               const std::string& loss);

/// Classes 0 to `classes` − 1 of every pixel; two are one output, boundary or not. Predictions are a mask's
/// agreement with the true one, so that masks stay where they are made.
std::unique_ptr<Task> make_segmentation_task(std::int64_t classes, const std::string& loss);

}  // namespace tessera::train
