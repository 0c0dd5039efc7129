// SPDX-License-Identifier: Apache-2.0
#include "models/separable_conv.hpp"

namespace tessera::models {

SeparableConvImpl::SeparableConvImpl(std::int64_t in, std::int64_t out, std::int64_t stride,
                                     std::int64_t dilation, double epsilon)
    : depthwise_(
          register_module("depthwise", ConvNorm(same_size(in, in, 3, dilation).stride(stride).groups(in),
                                                NormOptions{Norm::Batch, epsilon}))),
      pointwise_(
          register_module("pointwise", ConvNorm(same_size(in, out, 1), NormOptions{Norm::Batch, epsilon}))) {}

torch::Tensor SeparableConvImpl::forward(const torch::Tensor& images, Activation within, Activation after,
                                         const torch::Tensor& skip) {
  return pointwise_(depthwise_(images, within), after, skip);
}

}  // namespace tessera::models
