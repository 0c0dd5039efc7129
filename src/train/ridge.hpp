// SPDX-License-Identifier: Apache-2.0
// Ridge regression (Hoerl and Kennard 1970) on numbers that describe records: the baseline which a network on
// few records must beat. In float64; standardisation, penalty and weights know the training records alone.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tessera::train {

/// Numbers that describe records, by name.
struct FeatureTable {
  std::vector<std::string> names;
  std::vector<double> values;  // (records, names)

  std::span<const double> row(std::int64_t record) const {
    return std::span(values).subspan(static_cast<std::size_t>(record) * names.size(), names.size());
  }
};

struct RidgeOptions {
  /// Candidates, in units of the number of features, rising. Empty: half decades from 10⁻⁶ to 10⁴.
  std::vector<double> penalties = {};
};

struct Ridge {
  std::vector<double> mean, weight;  // of each feature as given; the weight of one left out is 0
  double intercept = 0;              // the prediction where every feature has its mean
  double penalty = 0;                // chosen, in units of the number of features
  std::int64_t features = 0;         // that take part: the others are constant over the training records

  double predict(std::span<const double> features) const;
};

/// Learns `targets[i]` of `records[i]`, all of `groups[i]`. The penalty has the least squared error where
/// each group is left out in turn (exactly, without fitting again); with one group only, by generalised
/// cross-validation (Golub, Heath and Wahba 1979). Of equals the larger. Raises DataError, naming the
/// feature, for one that is not finite, InputError where there are no records.
Ridge fit_ridge(const FeatureTable& features, std::span<const std::int64_t> records,
                std::span<const double> targets, std::span<const std::string> groups,
                const RidgeOptions& options = {});

}  // namespace tessera::train
