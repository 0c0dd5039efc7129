// SPDX-License-Identifier: Apache-2.0
// A transposed 2×2 convolution of stride 2 whose bias gets its gradient by a plain sum: inside LibTorch's own
// backward pass that sum takes longer than both products.
#pragma once

#include <torch/torch.h>

namespace tessera::models {

/// (samples, in, height, width) -> (samples, out, 2 · height, 2 · width); `layer` has kernel and stride 2 and
/// a bias.
torch::Tensor up_convolution(const torch::Tensor& images, const torch::nn::ConvTranspose2dImpl& layer);

}  // namespace tessera::models
