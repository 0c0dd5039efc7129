// SPDX-License-Identifier: Apache-2.0
// Where a U-Net's encoder goes down a level: the map goes on to the decoder as it is, and to the next level
// as the maximum of each 2×2 pixels. One pass back joins both gradients.
#pragma once

#include <torch/torch.h>

#include <utility>

namespace tessera::models {

/// (samples, channels, height, width), height and width even -> the same map and (samples, channels,
/// height / 2, width / 2). Of equal pixels the first in reading order gets the gradient.
std::pair<torch::Tensor, torch::Tensor> skip_and_pool(const torch::Tensor& images);

}  // namespace tessera::models
