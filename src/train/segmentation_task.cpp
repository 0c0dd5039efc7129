// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "metrics/segmentation.hpp"
#include "microstructure/mask_agreement.hpp"
#include "train/segmentation_loss.hpp"
#include "train/task.hpp"

namespace tessera::train {
namespace {

using core::MaskCounts;
using microstructure::Mask;

// (height, width) int64 classes on the CPU, any strides.
Mask mask_of(const torch::Tensor& classes) {
  Mask mask(static_cast<int>(classes.size(0)), static_cast<int>(classes.size(1)));
  const auto view = classes.accessor<std::int64_t, 2>();
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < mask.width(); ++x) mask(y, x) = static_cast<std::uint8_t>(view[y][x]);
  return mask;
}

class SegmentationTask final : public Task {
 public:
  SegmentationTask(std::int64_t classes, const std::string& loss)
      : classes_(classes), loss_(make_segmentation_loss(loss)) {}

  std::string kind() const override { return "segmentation"; }
  std::int64_t outputs() const override { return is_binary() ? 1 : classes_; }
  torch::Tensor targets(std::span<const std::int64_t>) const override { return {}; }
  const Loss& loss() const override { return loss_; }

  // What each mask has in common with the true one: MaskCounts, then the table of classes where there are
  // more than two. A score that is not a number makes its row NaN: a diverged network gains no hits.
  torch::Tensor predictions(const torch::Tensor& output, const models::Batch& batch) const override {
    const auto predicted =
        (is_binary() ? (output.select(1, 0) > 0).to(torch::kInt64) : output.argmax(1)).to(torch::kCPU);
    const auto truth = batch.target.to(torch::kCPU), extent = batch.images.extent.to(torch::kCPU);
    const auto failed = output.isnan().flatten(1).any(1).to(torch::kCPU);
    auto rows = torch::empty({output.size(0), columns()}, torch::kFloat64);
    for (std::int64_t i = 0; i < output.size(0); ++i) {
      const auto inside = [&](const torch::Tensor& classes) {
        return mask_of(classes[i]
                           .narrow(0, 0, extent[i][0].item<std::int64_t>())
                           .narrow(1, 0, extent[i][1].item<std::int64_t>()));
      };
      double* row = rows.data_ptr<double>() + i * columns();
      if (failed[i].item<bool>()) {
        std::fill_n(row, columns(), std::numeric_limits<double>::quiet_NaN());
        continue;
      }
      const Mask prediction = inside(predicted), target = inside(truth);
      row = std::ranges::copy(microstructure::compare_masks(prediction, target).row(), row).out;
      if (!is_binary())
        std::ranges::copy(microstructure::confusion_counts(prediction, target, static_cast<int>(classes_)),
                          row);
    }
    return rows;
  }

  NamedValues metrics(const Predictions& predictions) const override {
    MaskCounts counts;
    std::vector<double> confusion(is_binary() ? 0 : static_cast<std::size_t>(classes_ * classes_));
    for (std::size_t i = 0; i < predictions.records.size(); ++i) {
      const auto row = predictions.row(i);
      counts += counts_of(row);
      for (std::size_t c = 0; c < confusion.size(); ++c) confusion[c] += row[MaskCounts::kSize + c];
    }
    const auto of = metrics::segmentation_metrics(counts);
    NamedValues values{{"iou", of.iou},
                       {"dice", of.dice},
                       {"precision", of.precision},
                       {"recall", of.recall},
                       {"boundary_f1_2px", of.boundary_f1_2px},
                       {"cldice", of.cldice},
                       {"betti0_error", of.betti0_error},
                       {"betti1_error", of.betti1_error},
                       {"length_error_percent", of.length_error_percent}};
    if (is_binary()) return values;
    values.emplace_back("mean_iou", metrics::mean_iou(confusion, static_cast<int>(classes_)));
    const auto each = metrics::class_ious(confusion, static_cast<int>(classes_));
    for (std::size_t c = 0; c < each.size(); ++c)
      values.emplace_back("iou_class" + std::to_string(c), each[c]);
    return values;
  }

  std::vector<std::string> metric_names() const override {
    std::vector<std::string> names;
    for (const auto& [name, value] : metrics({})) names.push_back(name);
    return names;
  }

  std::string selection_metric() const override { return is_binary() ? "iou" : "mean_iou"; }
  bool higher_is_better() const override { return true; }

  double predicted_value(std::span<const double> prediction) const override {
    return counts_of(prediction).predicted_length;
  }
  double target_value(std::int64_t, std::span<const double> prediction) const override {
    return counts_of(prediction).true_length;
  }

 private:
  bool is_binary() const { return classes_ == 2; }
  std::int64_t columns() const {
    return static_cast<std::int64_t>(MaskCounts::kSize) + (is_binary() ? 0 : classes_ * classes_);
  }
  static MaskCounts counts_of(std::span<const double> row) {
    return MaskCounts::from_row(row.first<MaskCounts::kSize>());
  }

  std::int64_t classes_;
  Loss loss_;
};

}  // namespace

std::unique_ptr<Task> make_segmentation_task(std::int64_t classes, const std::string& loss) {
  return std::make_unique<SegmentationTask>(classes, loss);
}

}  // namespace tessera::train
