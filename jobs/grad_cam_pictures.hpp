// SPDX-License-Identifier: Apache-2.0
// Pictures of where in an image a number learnt comes from, beside the image itself.
#pragma once

#include <string>

#include "microstructure/overlay.hpp"
#include "models/feature_map_network.hpp"
#include "train/trained_run.hpp"

namespace tessera::jobs {

/// The run's network where it answers with a number that can be traced back into an image, else null.
models::FeatureMapNetwork* traceable_network(const train::TrainedRun& run);

/// Local. The image as the network is given it, beside itself under its Grad-CAM map: orange what raises the
/// answer, blue what lowers it. Small images are enlarged. `batch` holds one image; the network must be in
/// evaluation mode, and is asked in float32.
microstructure::Raster<microstructure::Rgb> grad_cam_picture(models::FeatureMapNetwork& network,
                                                             const models::Batch& batch);

/// An image's id as the name of a file: "a/1" → "a_1".
std::string file_name_of(std::string id);

}  // namespace tessera::jobs
