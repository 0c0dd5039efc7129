// SPDX-License-Identifier: Apache-2.0
// A 3×3 convolution of each channel by itself, then one of each pixel by itself (Chollet, CVPR 2017), both
// normalised.
#pragma once

#include "models/conv_norm.hpp"

namespace tessera::models {

class SeparableConvImpl : public torch::nn::Module {
 public:
  SeparableConvImpl(std::int64_t in, std::int64_t out, std::int64_t stride, std::int64_t dilation,
                    double epsilon);

  /// `within` follows the first normalisation, `after` the second and `skip`.
  torch::Tensor forward(const torch::Tensor& images, Activation within, Activation after,
                        const torch::Tensor& skip = {});

 private:
  ConvNorm depthwise_ = nullptr, pointwise_ = nullptr;
};
TORCH_MODULE(SeparableConv);

}  // namespace tessera::models
