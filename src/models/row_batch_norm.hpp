// SPDX-License-Identifier: Apache-2.0
// Batch normalisation over the rows of a ragged batch, joined with the ReLU that follows it, because both are
// bound by memory. The same function as LibTorch's modules in sequence, with one exception: training on a
// single row normalises by the running statistics, since the variance of one row says nothing.
#pragma once

#include <torch/torch.h>

namespace tessera::models {

enum class Activation { None, Relu };

/// (rows, channels) -> (rows, channels); float32, float64 or bfloat16 with the norm's own weights in float32.
/// Updates the running statistics when the norm is in training.
torch::Tensor batch_norm_rows(const torch::Tensor& rows, torch::nn::BatchNorm1dImpl& norm,
                              Activation activation);

}  // namespace tessera::models
