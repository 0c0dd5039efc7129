// SPDX-License-Identifier: Apache-2.0
#include "metrics/regression.hpp"
#include "train/task.hpp"

namespace tessera::train {
namespace {

class RegressionTask final : public Task {
 public:
  RegressionTask(std::vector<double> targets, const data::Normaliser& normaliser, const std::string& loss)
      : targets_(std::move(targets)), normaliser_(normaliser), loss_(make_loss(loss)) {}

  std::string kind() const override { return "regression"; }
  std::int64_t outputs() const override { return 1; }

  torch::Tensor targets(std::span<const std::int64_t> records) const override {
    auto tensor = torch::empty({static_cast<std::int64_t>(records.size())}, torch::kFloat32);
    float* out = tensor.data_ptr<float>();
    for (const std::int64_t record : records)
      *out++ = static_cast<float>(normaliser_.encode(target_of(record)));
    return tensor;
  }

  const Loss& loss() const override { return loss_; }

  // One column: the prediction in the transformed space.
  torch::Tensor predictions(const torch::Tensor& output, const models::Batch&) const override {
    return output.to(torch::kCPU, torch::kFloat64) * normaliser_.deviation + normaliser_.mean;
  }

  NamedValues metrics(const Predictions& predictions) const override {
    std::vector<double> target, target_raw, prediction_raw;
    for (const std::int64_t record : predictions.records) {
      target_raw.push_back(target_of(record));
      target.push_back(normaliser_.to_trained(target_raw.back()));
    }
    for (const double value : predictions.values) prediction_raw.push_back(normaliser_.from_trained(value));
    const auto trained = metrics::regression_metrics(target, predictions.values);
    NamedValues values{
        {"mae", trained.mae}, {"rmse", trained.rmse}, {"r2", trained.r2}, {"maxe", trained.maxe}};
    const auto raw = metrics::regression_metrics(target_raw, prediction_raw);
    values.insert(values.end(),
                  {{"mae_raw", raw.mae}, {"rmse_raw", raw.rmse}, {"r2_raw", raw.r2}, {"maxe_raw", raw.maxe}});
    return values;
  }

  std::vector<std::string> metric_names() const override {
    return {"mae", "rmse", "r2", "maxe", "mae_raw", "rmse_raw", "r2_raw", "maxe_raw"};
  }

  std::string selection_metric() const override { return "mae"; }
  bool higher_is_better() const override { return false; }

  double predicted_value(std::span<const double> prediction) const override {
    return normaliser_.from_trained(prediction[0]);
  }
  double target_value(std::int64_t record, std::span<const double>) const override {
    return target_of(record);
  }

 private:
  double target_of(std::int64_t record) const { return targets_[static_cast<std::size_t>(record)]; }
  std::vector<double> targets_;
  data::Normaliser normaliser_;
  Loss loss_;
};

}  // namespace

std::unique_ptr<Task> make_regression_task(std::vector<double> targets, const data::Normaliser& normaliser,
                                           const std::string& loss) {
  return std::make_unique<RegressionTask>(std::move(targets), normaliser, loss);
}

}  // namespace tessera::train
