// SPDX-License-Identifier: Apache-2.0
#include "train/crystal_problem.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "data/crystal_duplicates.hpp"

namespace tessera::train {
namespace {

constexpr std::int64_t kSpaceGroups = 230, kCrystalSystems = 7;

TargetDescription describe_target(const TrainingConfig& config, const data::CrystalStore& store) {
  TargetDescription target;
  target.name = config.data.target;
  target.unit = store.schema().targets[data::target_index(store.schema(), target.name)].unit;
  target.normaliser.transform = config.data.transform;
  if (target.name == "space_group" || target.name == "crystal_system") {
    target.kind = "classification";
    target.classification = {.first = 1,
                             .classes = target.name == "space_group" ? kSpaceGroups : kCrystalSystems};
  }
  const auto& losses = target.kind == "classification" ? classification_losses() : regression_losses();
  target.loss = config.train.loss.empty() ? losses.front() : config.train.loss;
  if (std::find(losses.begin(), losses.end(), target.loss) == losses.end())
    throw core::InputError(fmt::format("train.loss must be one of {} for the target {}, got {}",
                                       core::join(losses, ", "), target.name, target.loss));
  return target;
}

std::vector<std::int64_t> usable_records(std::span<const double> targets, data::Transform transform,
                                         const std::string& name) {
  std::vector<std::int64_t> usable;
  std::int64_t missing = 0, not_positive = 0;
  for (std::size_t record = 0; record < targets.size(); ++record) {
    if (std::isnan(targets[record]))
      ++missing;
    else if (transform == data::Transform::Log10 && targets[record] <= 0)
      ++not_positive;
    else
      usable.push_back(static_cast<std::int64_t>(record));
  }
  if (missing > 0) core::log::info("{} records have no {} and take no part", missing, name);
  if (not_positive > 0)
    core::log::info("{} records have a {} that is not positive and take no part (log10)", not_positive, name);
  return usable;
}

data::Split split_of(const TrainingConfig& config, const data::CrystalStore& store,
                     std::span<const std::int64_t> usable) {
  const auto kept = config.run_folder / "splits.csv";
  if (std::filesystem::exists(kept)) {
    data::Split split = data::read_split(kept, store.ids());
    // A record may have lost its target since the split was made.
    for (auto* part : {&split.train, &split.validation, &split.test})
      std::erase_if(*part,
                    [&](auto record) { return !std::binary_search(usable.begin(), usable.end(), record); });
    return split;
  }

  const auto by = config.data.split.by;
  std::vector<std::string> ids, groups;
  for (const std::int64_t record : usable) {
    ids.push_back(store.id(record));
    if (by == data::SplitRule::Group) groups.push_back(data::composition(store.record(record)->structure));
  }
  if (by == data::SplitRule::Hash) ids = data::first_of_duplicates(store, usable);
  data::Split split = data::make_split(config.data.split, ids, groups);
  for (auto* part : {&split.train, &split.validation, &split.test})
    for (auto& place : *part) place = usable[static_cast<std::size_t>(place)];
  return split;
}

}  // namespace

std::int64_t target_outputs(const TrainingConfig& config, const data::CrystalStore& store) {
  return make_task(describe_target(config, store), {})->outputs();
}

std::vector<double> target_column(const data::CrystalStore& store, const std::string& name) {
  const std::size_t column = data::target_index(store.schema(), name);
  std::vector<double> targets;
  for (const auto& row : store.rows()) targets.push_back(row.targets[column]);
  return targets;
}

CrystalProblem make_crystal_problem(const TrainingConfig& config, const data::CrystalStore& store,
                                    const RunRecord* earlier) {
  CrystalProblem problem;
  problem.target = describe_target(config, store);
  const auto targets = target_column(store, problem.target.name);
  const auto usable = usable_records(targets, config.data.transform, problem.target.name);
  problem.splits = split_of(config, store, usable);
  if (problem.splits.train.empty() || problem.splits.validation.empty())
    throw core::InputError(
        fmt::format("training and validation need records with {}, got {} and {} of {} in {}",
                    problem.target.name, problem.splits.train.size(), problem.splits.validation.size(),
                    store.size(), store.folder().string()));
  if (earlier)
    problem.target.normaliser = earlier->target.normaliser;
  else if (problem.target.kind == "regression")
    problem.target.normaliser =
        data::fit_normaliser(store.rows(), problem.splits.train,
                             data::target_index(store.schema(), problem.target.name), config.data.transform);
  problem.task = make_task(problem.target, targets);
  return problem;
}

std::string settings_of_features(const std::string& preparation, models::Features features) {
  auto settings = nlohmann::json::parse(preparation, nullptr, false);
  if (!settings.is_object())
    throw core::DataError("the settings of a preparation must be a JSON object, got " + preparation);
  for (const char* key : {"inputs", "targets", "shard_records"}) settings.erase(key);
  if (features == models::Features::Graph)
    for (const char* key : {"mesh", "cell", "rotate_seed"}) settings.erase(key);
  else
    settings.erase("graph");
  return settings.dump();
}

std::vector<std::int64_t> read_split(const std::filesystem::path& run_folder, const std::string& part,
                                     const data::CrystalStore& store) {
  const data::Split split = data::read_split(run_folder / "splits.csv", store.ids());
  return part == "train" ? split.train : part == "validation" ? split.validation : split.test;
}

}  // namespace tessera::train
