// SPDX-License-Identifier: Apache-2.0
// The terms that segmentation losses are put together from. Each gives one number for each sample, (samples).
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace tessera::train::losses {

/// One output: class 1 against class 0. All (samples, height, width), float32 or float64.
struct Pixels {
  torch::Tensor logits;       // 0 outside
  torch::Tensor probability;  // 0 outside
  torch::Tensor truth;        // 1 or 0; 0 outside
  torch::Tensor inside;       // 1, or 0 where the target is kOutside

  /// output (samples, 1, height, width), target (samples, height, width) int64.
  Pixels(const torch::Tensor& output, const torch::Tensor& target);

  /// Of a value for each pixel, its sum over each sample, divided by the pixels inside: (samples).
  torch::Tensor mean(const torch::Tensor& values) const;
};

/// The sum over each sample's pixels: (samples, …) -> (samples).
torch::Tensor sample_sum(const torch::Tensor& values);

/// Binary cross entropy of each pixel, 0 outside: (samples, height, width).
torch::Tensor pixel_bce(const Pixels& pixels);
torch::Tensor bce(const Pixels& pixels);

/// 1 − (2 · overlap + ε) / (predicted + true + ε) (Milletari et al. 2016).
torch::Tensor dice(const Pixels& pixels, double epsilon);

/// Cross entropy that forgets what is right already, by (1 − p)^γ (Lin et al. 2017).
torch::Tensor focal(const Pixels& pixels, double gamma, double alpha);

/// 1 − clDice, the harmonic mean of the share of the predicted skeleton inside the truth and of the true one
/// inside the prediction (Shit et al., CVPR 2021), with soft skeletons of `iterations` erosions.
torch::Tensor soft_cldice(const Pixels& pixels, int iterations);
/// (samples, height, width) in 0 … 1 -> the same, differentiable.
torch::Tensor soft_skeleton(const torch::Tensor& images, int iterations);

/// 1 − the predicted share of a tube around the truth's skeleton (Kirchhoff et al., ECCV 2024).
torch::Tensor skeleton_recall(const Pixels& pixels);

/// Binary cross entropy of the critical pixels alone, over all pixels: what prediction and truth disagree on
/// and no deformation could mend (digital_topology.hpp).
torch::Tensor critical_bce(const Pixels& pixels);

/// Many outputs, one for each class.
struct ClassPixels {
  torch::Tensor logits;  // (samples, classes, height, width), float32 or float64
  torch::Tensor target;  // (samples, height, width) int64
  torch::Tensor inside;  // (samples, height, width), 1 or 0

  ClassPixels(const torch::Tensor& output, const torch::Tensor& target);
};
torch::Tensor cross_entropy(const ClassPixels& pixels);
/// The mean over classes of each one's Dice loss.
torch::Tensor class_dice(const ClassPixels& pixels, double epsilon);

}  // namespace tessera::train::losses
