// SPDX-License-Identifier: Apache-2.0
// MobileNetV2 (Sandler et al., CVPR 2018) as DeepLab's backbone: from the fourth group on strides are turned
// into dilation, so that the map stays at 1/8 of the image.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "models/conv_norm.hpp"

namespace tessera::models {

/// Widens each pixel, convolves each channel by itself, narrows again; a skip where shapes allow it.
class InvertedResidualImpl : public torch::nn::Module {
 public:
  struct Options {
    std::int64_t in, out;
    std::int64_t expansion = 6;
    std::int64_t stride = 1, dilation = 1;
  };
  explicit InvertedResidualImpl(const Options& options);
  torch::Tensor forward(const torch::Tensor& images);

 private:
  bool has_skip_;
  ConvNorm expand_ = nullptr;  // none where the expansion is 1
  ConvNorm depthwise_ = nullptr, project_ = nullptr;
};
TORCH_MODULE(InvertedResidual);

class MobileNetV2Impl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kChannels = 320;
  MobileNetV2Impl();
  /// (samples, 3, height, width) -> (samples, 320, height / 8, width / 8), sizes rounded up.
  torch::Tensor forward(const torch::Tensor& images);

 private:
  ConvNorm conv1_ = nullptr;
  torch::nn::ModuleList blocks_ = nullptr;
};
TORCH_MODULE(MobileNetV2);

}  // namespace tessera::models
