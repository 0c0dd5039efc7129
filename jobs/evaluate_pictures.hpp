// SPDX-License-Identifier: Apache-2.0
// Pictures of an evaluation of masks: the micrographs that came out worst and best; all masks, for others to
// measure.
#pragma once

#include <filesystem>

#include "data/store.hpp"
#include "train/evaluate.hpp"

namespace tessera::jobs {

/// Local. Writes into `folder`, anew, worst-1-ID.png … and best-1-ID.png … by the IoU of class 1 (micrograph
/// and what is right, false and missing, side by side) and pictures.csv
/// (`picture,id,iou,predicted_length_px,true_length_px`). `predictions` are of a segmentation. The network
/// must be in evaluation mode.
void write_pictures(const std::filesystem::path& folder, models::Network& network, train::Feed& feed,
                    const data::DatasetIndex& index, const train::Predictions& predictions);

/// Collective. Every record's predicted and true mask into `folder`, anew, as predicted/ID.png and
/// true/ID.png, in the grey levels that prep images and predict go by; `classes` of the mask. The network
/// must be in evaluation mode.
void write_masks(const std::filesystem::path& folder, models::Network& network, train::Feed& feed,
                 const data::DatasetIndex& index, std::span<const std::int64_t> records, std::int64_t classes,
                 const dist::Communicator& world);

}  // namespace tessera::jobs
