// SPDX-License-Identifier: Apache-2.0
// The layer every per-face and per-point network is made of: a linear map of each row, batch normalisation
// over all rows of the batch, ReLU (the originals' 1×1 convolutions).
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "models/row_batch_norm.hpp"

namespace tessera::models {

class RowLayerImpl : public torch::nn::Module {
 public:
  RowLayerImpl(std::int64_t in, std::int64_t out, Activation activation = Activation::Relu);

  /// (rows, in) -> (rows, out)
  torch::Tensor forward(const torch::Tensor& rows);

  /// What follows the linear map: normalisation and activation of (rows, out).
  torch::Tensor normalise(const torch::Tensor& rows);

  /// The same as forward and then the maximum over each segment: (rows, in) -> (num_segments, out).
  torch::Tensor forward_max(const torch::Tensor& rows, const torch::Tensor& segment,
                            std::int64_t num_segments);

  torch::nn::Linear linear = nullptr;
  torch::nn::BatchNorm1d norm = nullptr;

 private:
  Activation activation_;
};
TORCH_MODULE(RowLayer);

/// Layers of the given widths one after the other: {3, 16, 32} is 3 -> 16 -> 32.
torch::nn::Sequential row_layers(const std::vector<std::int64_t>& widths);

}  // namespace tessera::models
