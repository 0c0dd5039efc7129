// SPDX-License-Identifier: Apache-2.0
// `tessera predict` of micrographs: masks, overlays, and what they measure.
#pragma once

#include "dist/communicator.hpp"
#include "jobs/predict_arguments.hpp"
#include "train/trained_run.hpp"

namespace tessera::jobs {

/// Collective. Writes NAME_mask.png, NAME_overlay.png, measure.csv and quarantine.csv, and the final line.
/// Raises InputError where no image is named.
void predict_images(const dist::Communicator& world, const train::TrainedRun& run,
                    const PredictArguments& arguments, torch::Device device);

}  // namespace tessera::jobs
