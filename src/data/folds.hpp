// SPDX-License-Identifier: Apache-2.0
// Cross-validation: every record held out exactly once, with its whole group, so that no fold is judged on a
// piece of what it learnt from. In each fold the rest is parted by group into training and validation.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/split.hpp"

namespace tessera::data {

struct FoldOptions {
  std::int64_t folds = 5;           // 0: as many as there are groups, each held out alone
  double validation = 0.2;          // share of the records that are not held out
  std::uint64_t seed = 0;           // other folds, and other records for validation
  std::int64_t max_train = 0;       // as of SplitOptions, in each fold
  std::int64_t max_validation = 0;  // likewise
};

/// One split a fold, its test part held out. Groups go to folds the largest first, each to the fold with the
/// fewest records so far. Raises InputError where there are fewer groups than folds, fewer than two folds, or
/// too few groups to train and validate on beside those held out.
std::vector<Split> make_folds(const FoldOptions& options, std::span<const std::string> groups);

}  // namespace tessera::data
