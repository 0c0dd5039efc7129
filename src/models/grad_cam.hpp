// SPDX-License-Identifier: Apache-2.0
// Where in an image a network's value comes from: Grad-CAM (Selvaraju et al. 2017, "Grad-CAM: Visual
// Explanations from Deep Networks via Gradient-based Localization"), of the map in front of the answer.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "models/feature_map_network.hpp"

namespace tessera::models {

struct GradCam {
  torch::Tensor answer;  // (samples, outputs), what `forward` gives
  // (samples, h, w), of the feature map's size and type, 0 and more: how much a place raises the answer, or
  // lowers it, whichever was asked; 0 where it does the other.
  torch::Tensor map;
};

/// Which way of the answer is looked for.
enum class Towards { Larger, Smaller };

/// α_c = the mean over places of ∂answer/∂A_c, map = ReLU(± Σ_c α_c A_c), A being the feature map; of the
/// `output`-th of the network's outputs. The network answers as it stands: put it in evaluation first, or the
/// samples of a batch depend on each other. Leaves no gradients in its parameters. Raises InputError for an
/// output there is not.
GradCam grad_cam(FeatureMapNetwork& network, const Batch& batch, std::int64_t output = 0,
                 Towards towards = Towards::Larger);

/// The map laid over the image's pixels, bilinear: (samples, h, w) -> (samples, height, width).
torch::Tensor over_pixels(const torch::Tensor& map, std::int64_t height, std::int64_t width);

}  // namespace tessera::models
