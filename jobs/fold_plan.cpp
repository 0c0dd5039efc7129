// SPDX-License-Identifier: Apache-2.0
#include "jobs/fold_plan.hpp"

#include <fmt/core.h>

#include <cmath>
#include <set>

#include "core/error.hpp"
#include "core/log.hpp"
#include "train/problem.hpp"

namespace tessera::jobs {
namespace {

void check_is_number(const train::TrainingConfig& config, const train::Dataset& dataset) {
  const auto& schema = dataset.index().schema();
  const bool is_mask = schema.kind == data::kImages && config.data.target == "mask";
  if (is_mask || train::target_outputs(config, dataset) > 1)
    throw core::InputError(
        fmt::format("crossvalidate is of targets that are a number, and data.target is \"{}\", which is "
                    "learnt as classes. "
                    "Train it on a split, and evaluate it there.",
                    config.data.target));
}

bool is_usable(double target, data::Transform transform) {
  return !std::isnan(target) && !(transform == data::Transform::Log10 && target <= 0);
}

}  // namespace

std::vector<std::int64_t> FoldPlan::record_numbers(const std::vector<std::int64_t>& places) const {
  std::vector<std::int64_t> numbers;
  for (const std::int64_t place : places) numbers.push_back(records[static_cast<std::size_t>(place)]);
  return numbers;
}

FoldPlan plan_folds(const train::TrainingConfig& config, const train::Dataset& dataset, std::int64_t folds) {
  check_is_number(config, dataset);
  const auto& index = dataset.index();
  FoldPlan plan{.target = config.data.target,
                .unit = index.schema().targets[data::target_index(index.schema(), config.data.target)].unit,
                .transform = config.data.transform,
                .records = {},
                .ids = {},
                .groups = {},
                .targets = {},
                .folds = {}};
  const auto targets = train::target_column(index, plan.target);
  for (std::int64_t record = 0; record < std::ssize(targets); ++record) {
    const double target = targets[static_cast<std::size_t>(record)];
    if (!is_usable(target, plan.transform)) continue;
    plan.records.push_back(record);
    plan.ids.push_back(index.id(record));
    plan.targets.push_back(target);
  }
  if (plan.records.size() < targets.size())
    core::log::info("{} of {} records have no usable {} and take no part",
                    targets.size() - plan.records.size(), targets.size(), plan.target);
  plan.groups = dataset.groups(plan.records);
  plan.num_groups = std::ssize(std::set<std::string>(plan.groups.begin(), plan.groups.end()));
  const auto& split = config.data.split;
  plan.folds = data::make_folds({.folds = folds,
                                 .validation = split.validation,
                                 .seed = split.seed,
                                 .max_train = split.max_train,
                                 .max_validation = split.max_validation},
                                plan.groups);
  return plan;
}

}  // namespace tessera::jobs
