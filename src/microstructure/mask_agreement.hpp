// SPDX-License-Identifier: Apache-2.0
// A predicted mask beside the true one: the counts that scores are made of (metrics/segmentation.hpp).
#pragma once

#include "core/mask_counts.hpp"
#include "microstructure/boundary_network.hpp"

namespace tessera::microstructure {

/// Masks of classes, of one size; pixels are counted for kBoundaryClass. Lines, topology and length are those
/// of the boundary networks, precipitates on them included.
core::MaskCounts compare_masks(const Mask& prediction, const Mask& truth);

/// The same where both are traced already.
core::MaskCounts compare_masks(const Mask& prediction, const BoundaryNetwork& predicted, const Mask& truth,
                               const BoundaryNetwork& true_network);

/// Pixel counts (classes, classes) by true and predicted class, row by row. Masks of one size; raises
/// DataError for a class of num_classes or more.
std::vector<double> confusion_counts(const Mask& prediction, const Mask& truth, int num_classes);

}  // namespace tessera::microstructure
