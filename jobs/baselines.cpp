// SPDX-License-Identifier: Apache-2.0
#include "jobs/baselines.hpp"

#include <algorithm>
#include <numeric>

namespace tessera::jobs {
namespace {

std::vector<double> targets_of(const FoldPlan& plan, const std::vector<std::int64_t>& places) {
  std::vector<double> targets;
  for (const std::int64_t place : places) targets.push_back(plan.targets[static_cast<std::size_t>(place)]);
  return targets;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

Baseline constant(const FoldPlan& plan, const std::string& name, const std::string& description,
                  const std::function<double(std::vector<double>)>& of_training) {
  Baseline baseline{.name = name, .description = description, .values = {}, .penalty = {}};
  baseline.values.resize(plan.records.size());
  for (const auto& fold : plan.folds) {
    const double value = of_training(targets_of(plan, fold.train));
    for (const std::int64_t place : fold.test) baseline.values[static_cast<std::size_t>(place)] = value;
  }
  return baseline;
}

}  // namespace

BaselineOptions read_baseline_options(core::ConfigTable table) {
  BaselineOptions options;
  options.descriptors = table.boolean("descriptors", options.descriptors);
  models::EncoderOptions encoder;
  encoder.name = table.text("encoder", encoder.name);
  encoder.folder = table.text("encoder_folder", encoder.folder.string());
  encoder.layers = table.texts("layers", {});
  encoder.padding = models::Padding::Zero;  // a micrograph does not go on with itself
  options.encoder = encoder.name == "none" ? std::nullopt : std::optional(encoder);
  return options;
}

std::vector<Baseline> constant_baselines(const FoldPlan& plan) {
  return {constant(plan, "mean", "mean of the training records", mean_of),
          constant(plan, "median", "median of the training records", median_of)};
}

Baseline ridge_baseline(const FoldPlan& plan, const train::FeatureTable& features, const std::string& name,
                        const std::string& description) {
  const data::Normaliser space{.transform = plan.transform};
  Baseline baseline{.name = name, .description = description, .values = {}, .penalty = {}};
  baseline.values.resize(plan.records.size());
  for (const auto& fold : plan.folds) {
    auto targets = targets_of(plan, fold.train);
    for (double& target : targets) target = space.to_trained(target);
    std::vector<std::string> groups;
    for (const std::int64_t place : fold.train)
      groups.push_back(plan.groups[static_cast<std::size_t>(place)]);
    const auto ridge = train::fit_ridge(features, fold.train, targets, groups);
    for (const std::int64_t place : fold.test)
      baseline.values[static_cast<std::size_t>(place)] =
          space.from_trained(ridge.predict(features.row(place)));
    baseline.penalty.push_back(ridge.penalty);
  }
  return baseline;
}

}  // namespace tessera::jobs
