// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "metrics/classification.hpp"
#include "train/task.hpp"

namespace tessera::train {
namespace {

class ClassificationTask final : public Task {
 public:
  ClassificationTask(std::vector<double> targets, const ClassificationSettings& settings,
                     const std::string& loss)
      : targets_(std::move(targets)), settings_(settings), loss_(make_loss(loss)) {}

  std::string kind() const override { return "classification"; }
  std::int64_t outputs() const override { return settings_.classes; }

  torch::Tensor targets(std::span<const std::int64_t> records) const override {
    auto tensor = torch::empty({static_cast<std::int64_t>(records.size())}, torch::kInt64);
    std::int64_t* out = tensor.data_ptr<std::int64_t>();
    for (const std::int64_t record : records) *out++ = class_of(record);
    return tensor;
  }

  const Loss& loss() const override { return loss_; }

  // The likeliest classes, best first: enough for accuracy and top-5, whatever the number of classes. A score
  // that is NaN stands last and is no answer (NaN in its place): a diverged network gains no hits.
  torch::Tensor predictions(const torch::Tensor& output, const models::Batch&) const override {
    const std::int64_t kept = std::min<std::int64_t>(5, settings_.classes);
    const double lowest = -std::numeric_limits<double>::infinity();
    const auto [scores, classes] = output.masked_fill(output.isnan(), lowest).topk(kept, 1);
    return classes.to(torch::kFloat64).masked_fill(scores == lowest, std::nan("")).to(torch::kCPU);
  }

  NamedValues metrics(const Predictions& predictions) const override {
    metrics::ClassificationCounts counts(static_cast<int>(settings_.classes));
    for (std::size_t i = 0; i < predictions.records.size(); ++i) {
      const auto best = predictions.row(i);
      if (std::isnan(best[0])) {  // as of a regression: one NaN, and nothing is told
        const double nothing = std::numeric_limits<double>::quiet_NaN();
        return {{"accuracy", nothing}, {"top5", nothing}, {"macro_f1", nothing}};
      }
      const std::int64_t target = class_of(predictions.records[i]);
      const auto place = std::find(best.begin(), best.end(), static_cast<double>(target)) - best.begin();
      counts.add(static_cast<int>(target), static_cast<int>(best[0]), static_cast<int>(place));
    }
    const auto result = counts.metrics();
    return {{"accuracy", result.accuracy}, {"top5", result.top5}, {"macro_f1", result.macro_f1}};
  }

  std::vector<std::string> metric_names() const override { return {"accuracy", "top5", "macro_f1"}; }

  std::string selection_metric() const override { return "accuracy"; }
  bool higher_is_better() const override { return true; }

  double predicted_value(std::span<const double> prediction) const override {
    return prediction[0] + static_cast<double>(settings_.first);
  }
  double target_value(std::int64_t record, std::span<const double>) const override {
    return target_of(record);
  }

 private:
  double target_of(std::int64_t record) const { return targets_[static_cast<std::size_t>(record)]; }
  std::int64_t class_of(std::int64_t record) const {
    return std::llround(target_of(record)) - settings_.first;
  }

  std::vector<double> targets_;
  ClassificationSettings settings_;
  Loss loss_;
};

}  // namespace

std::unique_ptr<Task> make_classification_task(std::vector<double> targets,
                                               const ClassificationSettings& settings,
                                               const std::string& loss) {
  return std::make_unique<ClassificationTask>(std::move(targets), settings, loss);
}

}  // namespace tessera::train
