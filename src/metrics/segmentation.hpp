// SPDX-License-Identifier: Apache-2.0
// How well predicted masks agree with true ones: by pixels, by middle lines, by topology and by length. Made
// of sums over all images, so that an image counts by its pixels, and the rank count does not matter.
#pragma once

#include <span>
#include <vector>

#include "core/mask_counts.hpp"

namespace tessera::metrics {

/// Shares of one but for the last three; NaN where neither prediction nor truth holds anything to be scored.
struct SegmentationMetrics {
  double iou = 0;                   // TP / (TP + FP + FN) of the class of interest
  double dice = 0;                  // 2 TP / (2 TP + FP + FN)
  double precision = 0;             // 0 where only the truth has pixels of the class
  double recall = 0;                // 0 where only the prediction has
  double boundary_f1_2px = 0;       // of middle lines: hits are pixels at most 2 px from the other's line
  double cldice = 0;                // of middle lines in the other's mask (Shit et al., CVPR 2021)
  double betti0_error = 0;          // parts: mean absolute difference over the images
  double betti1_error = 0;          // holes
  double length_error_percent = 0;  // absolute differences of the images' lengths, over the true length
};

SegmentationMetrics segmentation_metrics(const core::MaskCounts& counts);

/// Of each class, out of pixel counts (classes, classes) by true and predicted class, row by row; NaN for a
/// class that occurs in neither.
std::vector<double> class_ious(std::span<const double> confusion, int num_classes);

/// The plain mean over the classes that occur; NaN where none does.
double mean_iou(std::span<const double> confusion, int num_classes);

}  // namespace tessera::metrics
