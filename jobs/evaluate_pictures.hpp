// SPDX-License-Identifier: Apache-2.0
// Pictures of an evaluation: the images that came out worst and best, with masks, or with what a number of
// each hangs on; all masks, for others to measure.
#pragma once

#include <filesystem>

#include "data/normaliser.hpp"
#include "data/store.hpp"
#include "models/feature_map_network.hpp"
#include "train/evaluate.hpp"

namespace tessera::jobs {

/// Local. Writes into `folder`, anew, worst-1-ID.png … and best-1-ID.png … by the IoU of class 1 (micrograph
/// and what is right, false and missing, side by side) and pictures.csv
/// (`picture,id,iou,predicted_length_px,true_length_px`). `predictions` are of a segmentation. The network
/// must be in evaluation mode.
void write_pictures(const std::filesystem::path& folder, models::Network& network, train::Feed& feed,
                    const data::DatasetIndex& index, const train::Predictions& predictions);

/// Local. The same of images with a number each, by the error in the trained space, as Grad-CAM pictures; in
/// pictures.csv `picture,id,target,prediction`. `predictions` are of a regression; the maps are of the
/// network itself and of images as they lie, also where the predictions are a mean over symmetries.
void write_grad_cams(const std::filesystem::path& folder, models::FeatureMapNetwork& network,
                     const train::Task& task, const data::Normaliser& normaliser, train::Feed& feed,
                     const data::DatasetIndex& index, const train::Predictions& predictions);

/// Collective. Every record's predicted and true mask into `folder`, anew, as predicted/ID.png and
/// true/ID.png, in the grey levels that prep images and predict go by; `classes` of the mask. The network
/// must be in evaluation mode.
void write_masks(const std::filesystem::path& folder, models::Network& network, train::Feed& feed,
                 const data::DatasetIndex& index, std::span<const std::int64_t> records, std::int64_t classes,
                 const dist::Communicator& world);

}  // namespace tessera::jobs
