// SPDX-License-Identifier: Apache-2.0
#include "models/rcfnet/self_attention.hpp"

#include <cmath>

namespace tessera::models {

SelfAttentionImpl::SelfAttentionImpl(std::int64_t channels, std::int64_t side, RcfNetForm form)
    : form_(form) {
  const bool is_released = form == RcfNetForm::Released;
  // The value's bias ends in the batch norm behind, the key's drops out of the softmax: none in the paper.
  const auto options = torch::nn::Conv2dOptions(channels, channels, 1).bias(is_released);
  query_ = register_module("query", torch::nn::Conv2d(options));
  key_ = register_module("key", torch::nn::Conv2d(options));
  value_ = register_module("value", torch::nn::Conv2d(options));
  const std::int64_t depth = channels / kHeads;
  const double deviation = is_released ? 1 : 1 / std::sqrt(static_cast<double>(depth));
  row_ = register_parameter("row", deviation * torch::randn({kHeads, depth, side, 1}));
  column_ = register_parameter("column", deviation * torch::randn({kHeads, depth, 1, side}));
}

torch::Tensor SelfAttentionImpl::forward(const torch::Tensor& images) {
  const std::int64_t samples = images.size(0), channels = images.size(1), side = images.size(2);
  const std::int64_t places = side * side, depth = channels / kHeads;
  const auto by_head = [&](const torch::nn::Conv2d& conv) {  // (samples, heads, places, depth)
    const torch::Tensor pixels = pointwise(*conv, images).permute({0, 2, 3, 1});
    return pixels.reshape({samples, places, kHeads, depth}).transpose(1, 2);
  };
  const torch::Tensor query = by_head(query_), key = by_head(key_), value = by_head(value_);
  const torch::Tensor position = (row_ + column_).flatten(2).transpose(1, 2);  // (heads, places, depth)

  torch::Tensor logits;  // (samples, heads, places that ask, places that answer)
  if (form_ == RcfNetForm::Released)
    logits = torch::matmul(query, key.transpose(2, 3)) + torch::matmul(position, query.transpose(2, 3));
  else
    logits = torch::matmul(query / std::sqrt(static_cast<double>(depth)), (key + position).transpose(2, 3));
  const torch::Tensor mixed = torch::matmul(torch::softmax(logits, -1), value);
  return mixed.transpose(1, 2).reshape({samples, side, side, channels}).permute({0, 3, 1, 2});
}

}  // namespace tessera::models
