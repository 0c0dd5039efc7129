// SPDX-License-Identifier: Apache-2.0
// What a network is compared with: constants, and ridge regressions on numbers that nobody trained. Each is
// fitted to the records that the fold's network learns from, and to no other.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/config.hpp"
#include "jobs/fold_plan.hpp"
#include "models/encoders/encoder.hpp"
#include "train/ridge.hpp"

namespace tessera::jobs {

struct BaselineOptions {
  bool descriptors = true;
  std::optional<models::EncoderOptions> encoder = models::EncoderOptions{};
};

/// [baselines] descriptors, encoder ("none", or as of EncoderOptions), encoder_folder, layers.
BaselineOptions read_baseline_options(core::ConfigTable table);

/// Predictions of every record by fits that have not seen its fold.
struct Baseline {
  std::string name;             // the column in predictions.csv
  std::string description;      // for people
  std::vector<double> values;   // of every place, in the target's own unit
  std::vector<double> penalty;  // of every fold, of a ridge regression
};

/// The mean of the training records, which has the least squared error of all constants, and their median,
/// which has the least absolute one.
std::vector<Baseline> constant_baselines(const FoldPlan& plan);

/// Local. Learnt in the space that the network is trained in (data.transform). Row i of `features` is of
/// place i. Raises as train::fit_ridge does.
Baseline ridge_baseline(const FoldPlan& plan, const train::FeatureTable& features, const std::string& name,
                        const std::string& description);

}  // namespace tessera::jobs
