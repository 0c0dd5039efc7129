// SPDX-License-Identifier: Apache-2.0
#include "train/problem.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "dist/partition.hpp"
#include "train/segmentation_loss.hpp"

namespace tessera::train {
namespace {

constexpr std::int64_t kSpaceGroups = 230, kCrystalSystems = 7;
constexpr const char* kMaskTarget = "mask";

const std::vector<std::string>& losses_of(const TargetDescription& target) {
  if (target.kind == "segmentation") return segmentation_losses(target.outputs());
  return target.kind == "classification" ? classification_losses() : regression_losses();
}

bool is_mask(const data::DatasetIndex& index, const std::string& target) {
  return index.schema().kind == data::kImages && target == kMaskTarget;
}

TargetDescription describe_target(const TrainingConfig& config, const data::DatasetIndex& index) {
  TargetDescription target;
  target.name = config.data.target;
  if (is_mask(index, target.name)) {
    target.kind = "segmentation";
    target.unit = "px";  // of the boundary's length, by which a prediction is told
    target.classification = {.first = 0, .classes = index.schema().mask_classes};
    if (target.classification.classes < 2)
      throw core::InputError(fmt::format("{} was prepared without masks. Prepare it with `--masks DIR`.",
                                         index.folder().string()));
  } else {
    target.unit = index.schema().targets[data::target_index(index.schema(), target.name)].unit;
  }
  target.normaliser.transform = config.data.transform;
  if (index.schema().kind == data::kCrystals &&
      (target.name == "space_group" || target.name == "crystal_system")) {
    target.kind = "classification";
    target.classification = {.first = 1,
                             .classes = target.name == "space_group" ? kSpaceGroups : kCrystalSystems};
  }
  const auto& losses = losses_of(target);
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

data::Split split_of(const TrainingConfig& config, const Dataset& dataset,
                     std::span<const std::int64_t> usable) {
  const auto kept = config.run_folder / "splits.csv";
  if (std::filesystem::exists(kept)) {
    data::Split split = data::read_split(kept, dataset.index().ids());
    // A record may have lost its target since the split was made.
    for (auto* part : {&split.train, &split.validation, &split.test})
      std::erase_if(*part,
                    [&](auto record) { return !std::binary_search(usable.begin(), usable.end(), record); });
    return split;
  }

  const auto by = config.data.split.by;
  std::vector<std::string> names, groups;
  if (by == data::SplitRule::Group) groups = dataset.groups(usable);
  if (by == data::SplitRule::Hash)
    names = dataset.hash_names(usable);
  else
    for (const std::int64_t record : usable) names.push_back(dataset.index().id(record));
  data::Split split = data::make_split(config.data.split, names, groups);
  for (auto* part : {&split.train, &split.validation, &split.test})
    for (auto& place : *part) place = usable[static_cast<std::size_t>(place)];
  return split;
}

}  // namespace

std::int64_t target_outputs(const TrainingConfig& config, const Dataset& dataset) {
  return describe_target(config, dataset.index()).outputs();
}

std::vector<double> target_column(const data::DatasetIndex& index, const std::string& name) {
  std::vector<double> targets(index.rows().size(), 0.0);
  if (is_mask(index, name)) return targets;
  const std::size_t column = data::target_index(index.schema(), name);
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i] = index.rows()[i].targets[column];
  return targets;
}

Problem make_problem(const TrainingConfig& config, const Dataset& dataset, const RunRecord* earlier) {
  const auto& index = dataset.index();
  Problem problem;
  problem.target = describe_target(config, index);
  const auto targets = target_column(index, problem.target.name);
  const auto usable = usable_records(targets, problem.target.normaliser.transform, problem.target.name);
  problem.splits = split_of(config, dataset, usable);
  if (problem.splits.train.empty() || problem.splits.validation.empty())
    throw core::InputError(
        fmt::format("training and validation need records with {}, got {} and {} of {} in {}",
                    problem.target.name, problem.splits.train.size(), problem.splits.validation.size(),
                    index.size(), index.folder().string()));
  if (earlier) {
    problem.target.normaliser = earlier->target.normaliser;
    problem.target.grey = earlier->target.grey;
  } else if (problem.target.kind == "regression") {
    problem.target.normaliser =
        data::fit_normaliser(index.rows(), problem.splits.train,
                             data::target_index(index.schema(), problem.target.name), config.data.transform);
  }
  problem.task = make_task(problem.target, targets);
  return problem;
}

void check_fits(const TrainingConfig& config, const data::DatasetIndex& index, const models::Network& network,
                const std::string& name) {
  if (index.schema().kind != data::kImages || network.features() != models::Features::Image) return;
  const DataOptions& given = config.data;
  const bool mask = is_mask(index, given.target);
  if (network.is_of_pixels() && !mask)
    throw core::InputError(fmt::format(
        "model.name = \"{}\" answers for every pixel of an image: data.target must be \"mask\", got "
        "\"{}\". A number of an image is learnt by vgg_regressor and rcfnet.",
        name, given.target));
  if (!network.is_of_pixels() && mask)
    throw core::InputError(fmt::format(
        "model.name = \"{}\" answers once for an image: data.target must be a column of its labels, "
        "got \"mask\". Masks are learnt by residual_unet and deeplabv3plus.",
        name));
  if (mask && (given.size > 0 || given.crop_area < 1))
    throw core::InputError(
        "data.size and data.crop_area are of numbers of images; data.target is \"mask\". Say data.crop, the "
        "side of a training piece.");
  if (!mask && given.crop > 0)
    throw core::InputError(fmt::format(
        "data.crop is of masks; data.target is \"{}\". Say data.crop_area, the smallest share of an "
        "image that a training piece covers.",
        given.target));
}

microstructure::GreyScale fit_grey_scale(const Dataset& dataset, std::vector<std::int64_t> records,
                                         const dist::Communicator& comm) {
  std::ranges::sort(records);  // shard after shard
  auto sums = comm.together("read the grey levels", [&] {
    const auto [begin, end] = dist::partition(std::ssize(records), comm.size(), comm.rank());
    return dataset.grey_sums(
        std::span(records).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
  });
  comm.all_reduce(std::span<std::int64_t>(sums.sums), dist::Reduce::Sum, "grey levels");
  return sums.scale();
}

PatchOptions patch_options(const TrainingConfig& config, const TargetDescription& target) {
  return {.side = config.data.crop,
          .size = config.data.size,
          .crop_area = config.data.crop_area,
          .grey = target.grey.value_or(microstructure::GreyScale{}),
          .augmentation = config.augmentation,
          .seed = config.train.seed};
}

std::string settings_of_features(const std::string& preparation, models::Features features) {
  auto settings = nlohmann::json::parse(preparation, nullptr, false);
  if (!settings.is_object())
    throw core::DataError("the settings of a preparation must be a JSON object, got " + preparation);
  for (const char* key : {"inputs", "targets", "shard_records"}) settings.erase(key);
  if (features == models::Features::Image) {
    for (const char* key : {"images", "masks", "labels", "group", "tile", "overlap"}) settings.erase(key);
    return settings.dump();
  }
  if (features == models::Features::Graph)
    for (const char* key : {"mesh", "cell", "rotate_seed"}) settings.erase(key);
  else
    settings.erase("graph");
  return settings.dump();
}

std::vector<std::int64_t> read_split(const std::filesystem::path& run_folder, const std::string& part,
                                     const data::DatasetIndex& index) {
  const data::Split split = data::read_split(run_folder / "splits.csv", index.ids());
  return part == "train" ? split.train : part == "validation" ? split.validation : split.test;
}

}  // namespace tessera::train
