// SPDX-License-Identifier: Apache-2.0
// Which records a cross-validation holds out when. Everything about it is told by place: the records that
// have the target, in the dataset's order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/folds.hpp"
#include "data/normaliser.hpp"
#include "train/dataset.hpp"
#include "train/training_config.hpp"

namespace tessera::jobs {

struct FoldPlan {
  std::string target, unit;
  data::Transform transform = data::Transform::None;
  std::vector<std::int64_t> records;  // numbers in the dataset, rising
  std::vector<std::string> ids, groups;
  std::vector<double> targets;     // in their own unit
  std::vector<data::Split> folds;  // of places; the test part is held out
  std::int64_t num_groups = 0;

  std::vector<std::int64_t> record_numbers(const std::vector<std::int64_t>& places) const;
};

/// Local, and the same on every rank. `folds` as of FoldOptions; seed, share of validation and limits are
/// those of data.split. Raises InputError where the target is no number, and as make_folds does.
FoldPlan plan_folds(const train::TrainingConfig& config, const train::Dataset& dataset, std::int64_t folds);

}  // namespace tessera::jobs
