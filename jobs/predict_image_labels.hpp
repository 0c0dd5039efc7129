// SPDX-License-Identifier: Apache-2.0
// `tessera predict` of images of which a number was learnt: a table of predictions.
#pragma once

#include "dist/communicator.hpp"
#include "jobs/predict_arguments.hpp"
#include "train/trained_run.hpp"

namespace tessera::jobs {

/// Collective. Writes the table `id,prediction` and quarantine.csv beside it, and the final line; an id is
/// the image's name below the folder named, without its ending, as prep images has it. Writes a Grad-CAM
/// picture of each too where a folder is named for them; the network is then a traceable one. Raises
/// InputError where no image is named.
void predict_image_labels(const dist::Communicator& world, const train::TrainedRun& run,
                          const PredictArguments& arguments, torch::Device device);

}  // namespace tessera::jobs
