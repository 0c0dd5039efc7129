// SPDX-License-Identifier: Apache-2.0
// Batch normalisation over the rows of a ragged batch or the pixels of images, joined with the residual skip
// and the ReLU that follow it, because all three are bound by memory. The same function as LibTorch's modules
// in sequence, with one exception: training on a single row normalises by the running statistics, since the
// variance of one row says nothing.
#pragma once

#include <torch/torch.h>

namespace tessera::models {

enum class Activation { None, Relu, Relu6 };

/// Out of LibTorch's own operation.
torch::Tensor activated(const torch::Tensor& values, Activation activation);

/// (rows, channels) -> (rows, channels); float32, float64 or bfloat16 with the norm's own weights in float32.
/// Updates the running statistics when the norm is in training. `offset` (channels), where there is one, is
/// that of rows + offset: a batch's own mean takes it away again, so only the running mean hears of it, and
/// its gradient is 0.
torch::Tensor batch_norm_rows(const torch::Tensor& rows, torch::nn::BatchNorm1dImpl& norm,
                              Activation activation, const torch::Tensor& offset = {});

/// activation(norm(images) + skip), `skip` undefined or of the images' shape: (samples, channels, height,
/// width), on the CPU channels-last; the result is channels-last too.
torch::Tensor batch_norm_pixels(const torch::Tensor& images, torch::nn::BatchNorm2dImpl& norm,
                                Activation activation, const torch::Tensor& skip = {});

}  // namespace tessera::models
