// SPDX-License-Identifier: Apache-2.0
// A transposed 2×2 convolution of stride 2: every pixel becomes four, and no two of them share a sum. So its
// gradients are two plain products of matrices, which LibTorch's own backward pass does not make use of.
#pragma once

#include <torch/torch.h>

namespace tessera::models {

/// (samples, in, height, width) -> (samples, out, 2 · height, 2 · width); `layer` has kernel and stride 2 and
/// a bias.
torch::Tensor up_convolution(const torch::Tensor& images, const torch::nn::ConvTranspose2dImpl& layer);

}  // namespace tessera::models
