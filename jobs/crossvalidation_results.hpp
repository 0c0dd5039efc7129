// SPDX-License-Identifier: Apache-2.0
// What a cross-validation found: the out-of-fold predictions of all methods, their figures, and the files
// that keep them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "jobs/baselines.hpp"
#include "jobs/fold_plan.hpp"
#include "report/crossvalidation_report.hpp"
#include "train/trainer.hpp"

namespace tessera::jobs {

/// The network's, gathered fold by fold.
struct NetworkFolds {
  std::string name;                              // of the network
  std::vector<double> values;                    // of every place
  std::vector<train::TrainingResult> trainings;  // of every fold
};

struct CrossvalidationResults {
  const FoldPlan& plan;
  const std::vector<train::TrainingResult>& trainings;
  std::vector<Baseline> baselines;
  report::CrossvalidationFacts facts;  // for the page; its methods are the network, then the baselines
};

/// Local. All figures. `seed` is that of the bootstrap.
CrossvalidationResults score(const FoldPlan& plan, const NetworkFolds& network,
                             std::vector<Baseline> baselines, std::uint64_t seed);

/// predictions.csv, summary.json, report.html.
void write_results(const std::filesystem::path& folder, const CrossvalidationResults& results);

/// "folds=… records=… groups=… mae=… …", without its newline.
std::string final_line(const CrossvalidationResults& results);

}  // namespace tessera::jobs
