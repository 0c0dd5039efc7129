// SPDX-License-Identifier: Apache-2.0
// Attention of every place of a map to every other (Srinivas et al. 2021, "Bottleneck Transformers for Visual
// Recognition"): what a place asks meets what another holds and where that one lies. The places' tables make
// the map's size part of the network.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "models/rcfnet/form.hpp"

namespace tessera::models {

class SelfAttentionImpl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kHeads = 4;

  /// `channels` a multiple of the heads; `side` of the square map. The released form has biases, no scale,
  /// and adds r_i·q_j where the paper has q_i·r_j: the table is looked up at the place that asks.
  SelfAttentionImpl(std::int64_t channels, std::int64_t side, RcfNetForm form);
  /// (samples, channels, side, side) -> the same shape
  torch::Tensor forward(const torch::Tensor& images);

 private:
  RcfNetForm form_;
  torch::nn::Conv2d query_ = nullptr, key_ = nullptr, value_ = nullptr;
  torch::Tensor row_, column_;  // (heads, depth, side, 1) and (heads, depth, 1, side); their sum is r
};
TORCH_MODULE(SelfAttention);

}  // namespace tessera::models
