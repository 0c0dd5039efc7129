// SPDX-License-Identifier: Apache-2.0
// The part of CGCNN's convolution that memory bounds, in one piece: gather, batch normalisation, gate and sum
// over neighbours. Of an edge's values only one copy is kept for the way back.
#pragma once

#include <torch/torch.h>

namespace tessera::models {

/// Xie and Grossman (2018), equation 5: with z_ij = self_i + other_j + edge_ij normalised over all edges,
/// sum over the neighbours j of i of sigmoid(first half of z_ij) · softplus(second half).
/// self, other: (atoms, 2 · channels), the product with the own and with the neighbour's vector;
/// edge: (atoms · neighbors, 2 · channels); neighbor: (atoms, neighbors) int64. Gives (atoms, channels).
/// Updates the norm's running statistics when it is in training.
torch::Tensor gated_messages(const torch::Tensor& self, const torch::Tensor& other, const torch::Tensor& edge,
                             const torch::Tensor& neighbor, torch::nn::BatchNorm1dImpl& norm);

/// The same out of LibTorch's operations, for memory we do not walk ourselves.
torch::Tensor gated_messages_composed(const torch::Tensor& self, const torch::Tensor& other,
                                      const torch::Tensor& edge, const torch::Tensor& neighbor,
                                      torch::nn::BatchNorm1dImpl& norm);

}  // namespace tessera::models
