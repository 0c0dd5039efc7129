// SPDX-License-Identifier: Apache-2.0
// Losses of segmentation: outputs (samples, outputs, height, width) before sigmoid or softmax, targets
// (samples, height, width) int64 classes. Each is the SUM over samples of one sample's loss, as all losses
// here; a pixel whose target is models::kOutside counts nowhere. A perfect, sure prediction costs nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "train/loss.hpp"

namespace tessera::train {

struct SegmentationLossOptions {
  double dice_epsilon = 1;       // in numerator and denominator; in pixels
  double focal_gamma = 2;        // Lin et al. 2017
  double focal_alpha = 0.25;     // weight of class 1; 1 − α that of class 0
  int skeleton_iterations = 10;  // soft_cldice: at least the half width of the widest boundary, in pixels
  double cldice_share = 0.5;     // α of (1 − α) · Dice + α · (1 − clDice)
  double critical_weight = 5;    // topology: of a critical pixel, beside the 1 of every pixel
};

/// With one output, class 1 against class 0: bce, dice, bce_dice, focal, soft_cldice, skeleton_recall,
/// topology. With more outputs, each a class: cross_entropy, cross_entropy_dice.
const std::vector<std::string>& segmentation_losses(std::int64_t outputs);

/// All of them.
const std::vector<std::string>& segmentation_losses();

/// Raises InternalError for a name not in the list.
Loss make_segmentation_loss(const std::string& name, const SegmentationLossOptions& options = {});

}  // namespace tessera::train
