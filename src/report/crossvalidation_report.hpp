// SPDX-License-Identifier: Apache-2.0
// The page about a cross-validation: a network and its baselines on records that none of them had seen, with
// how far the figures may be trusted.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "metrics/bootstrap.hpp"
#include "metrics/regression.hpp"

namespace tessera::report {

struct CrossvalidatedMethod {
  std::string name;
  std::string description;
  std::vector<double> prediction;  // of every record, by a fit that had not seen its group
  metrics::RegressionMetrics metrics;
  metrics::RegressionIntervals intervals;
};

/// How much larger the network's mean absolute error is than that of the baseline with the least.
struct AgainstBaselines {
  std::string baseline;
  double mae_difference = 0;
  metrics::Interval interval;  // paired: of the same draws
};

struct FoldFacts {
  std::int64_t train = 0, validation = 0, held_out = 0;  // records
  std::int64_t held_out_groups = 0;
  std::int64_t best_epoch = 0;
  double mae = 0;  // of the network on the held-out records
};

struct CrossvalidationFacts {
  std::string title;
  std::string target, unit;
  std::vector<std::string> groups;  // of each record
  std::vector<double> targets;      // in their own unit
  std::int64_t num_groups = 0;
  std::vector<CrossvalidatedMethod> methods;  // the network first
  AgainstBaselines against;
  std::vector<FoldFacts> folds;
  metrics::BootstrapOptions bootstrap;
  std::vector<std::pair<std::string, std::string>> facts;  // dataset, transform, ranks …
  std::string config;                                      // as TOML
};

/// Why R² is not told, where it is not; else "".
std::string why_no_r2(std::int64_t num_groups, const metrics::RegressionMetrics& metrics);

/// Of `methods`, the network first.
AgainstBaselines compare_to_baselines(const CrossvalidationFacts& facts);

/// The whole HTML document.
std::string make_crossvalidation_report(const CrossvalidationFacts& facts);

}  // namespace tessera::report
