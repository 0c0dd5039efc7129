// SPDX-License-Identifier: Apache-2.0
// A network of pixels on a micrograph of any size: in overlapping tiles whose borders fade into each other.
#pragma once

#include <torch/torch.h>

#include "microstructure/raster.hpp"
#include "models/batch.hpp"

namespace tessera::train {

struct TilingOptions {
  std::int64_t tile = 512;     // edge, px; an image no larger is seen whole
  std::int64_t overlap = 128;  // of neighbouring tiles, px, below tile
  bool bf16 = false;
};

/// (outputs, height, width) float32 on the CPU: the probability of the boundary (one output, sigmoid) or of
/// each class (softmax). `grey` is standardised as in training. The network must be in evaluation mode.
torch::Tensor predict_pixels(models::Network& network, const microstructure::Raster<float>& grey,
                             const TilingOptions& options, torch::Device device);

/// Classes of the pixels: 1 where one probability is above `threshold`, else the likeliest.
microstructure::Mask mask_of(const torch::Tensor& probabilities, double threshold = 0.5);

/// Where tiles begin so that they cover [0, size): the last one ends at `size`, none but a single one beyond
/// it.
std::vector<std::int64_t> tile_origins(std::int64_t size, std::int64_t tile, std::int64_t overlap);

}  // namespace tessera::train
