// SPDX-License-Identifier: Apache-2.0
// RCFNet's merge of a stage: the local and the global map, each weighed where it is strong, joined with each
// other and with what the stage before had joined (Chen, Han, Song, Zeng and Han 2024).
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "models/rcfnet/gates.hpp"

namespace tessera::models {

/// Norm, ReLU, convolution, three times: 1×1, 3×3, 1×1, with half of the channels in between; a 1×1
/// convolution of the input is added. (samples, in, height, width) -> (samples, out, height, width)
class PreactivatedBottleneckImpl : public torch::nn::Module {
 public:
  PreactivatedBottleneckImpl(std::int64_t in, std::int64_t out, RcfNetForm form);
  torch::Tensor forward(const torch::Tensor& images);

 private:
  torch::nn::BatchNorm2d norm1_ = nullptr, norm2_ = nullptr, norm3_ = nullptr;
  torch::nn::Conv2d conv1_ = nullptr, conv2_ = nullptr, conv3_ = nullptr;
  torch::nn::Conv2d shortcut_ = nullptr;
};
TORCH_MODULE(PreactivatedBottleneck);

class MergeModuleImpl : public torch::nn::Module {
 public:
  struct Options {
    std::int64_t channels;
    bool is_first = false;  // nothing was joined before
    RcfNetForm form = RcfNetForm::Repaired;
    double dropout = 0;  // of whole channels of the joined map
  };
  explicit MergeModuleImpl(const Options& options);
  /// `local`, `global`: (samples, channels, h, w); `before`: (samples, channels / 2, 2h, 2w), of the first
  /// undefined. Returns (samples, channels, h, w).
  torch::Tensor forward(const torch::Tensor& local, const torch::Tensor& global, const torch::Tensor& before);

 private:
  SqueezePlusPixelGate entry_ = nullptr;  // one for both maps, in both forms
  FormConvNorm of_local_ = nullptr, of_global_ = nullptr;
  FormConvNorm of_before_ = nullptr;  // none in the first
  FormConvNorm fuse_ = nullptr;
  SpatialGate spatial_ = nullptr;
  ChannelGate channel_ = nullptr;
  PreactivatedBottleneck mix_ = nullptr;
  torch::nn::Dropout2d dropout_ = nullptr;
  SqueezeGate exit_ = nullptr;
  // Released form only: the other stages' fusion and, in the first, `of_before_`.
  FormConvNorm idle_fuse_ = nullptr, idle_of_before_ = nullptr;
};
TORCH_MODULE(MergeModule);

}  // namespace tessera::models
