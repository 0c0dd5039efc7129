// SPDX-License-Identifier: Apache-2.0
// `tessera predict` of crystals: a table of predictions.
#pragma once

#include "dist/communicator.hpp"
#include "jobs/predict_arguments.hpp"
#include "train/trained_run.hpp"

namespace tessera::jobs {

/// Collective. Writes the table and quarantine.csv beside it, and the final line.
void predict_crystals(const dist::Communicator& world, const train::TrainedRun& run,
                      const PredictArguments& arguments, torch::Device device);

}  // namespace tessera::jobs
