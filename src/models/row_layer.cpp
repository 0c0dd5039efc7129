// SPDX-License-Identifier: Apache-2.0
#include "models/row_layer.hpp"

#include "models/linear_norm_max.hpp"

namespace tessera::models {

RowLayerImpl::RowLayerImpl(std::int64_t in, std::int64_t out, Activation activation)
    : linear(register_module("linear", torch::nn::Linear(in, out))),
      norm(register_module("norm", torch::nn::BatchNorm1d(out))),
      activation_(activation) {}

torch::Tensor RowLayerImpl::forward(const torch::Tensor& rows) {
  return batch_norm_rows(torch::linear(rows, linear->weight), *norm, activation_, linear->bias);
}

torch::Tensor RowLayerImpl::normalise(const torch::Tensor& rows) {
  return batch_norm_rows(rows, *norm, activation_);
}

torch::Tensor RowLayerImpl::forward_max(const torch::Tensor& rows, const torch::Tensor& segment,
                                        std::int64_t num_segments) {
  const torch::Tensor highest = linear_norm_max(rows, *linear, *norm, segment, num_segments);
  // The ReLU rises, so it may come after the maximum.
  return activation_ == Activation::Relu ? torch::relu(highest) : highest;
}

torch::nn::Sequential row_layers(const std::vector<std::int64_t>& widths) {
  torch::nn::Sequential layers;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) layers->push_back(RowLayer(widths[i], widths[i + 1]));
  return layers;
}

}  // namespace tessera::models
