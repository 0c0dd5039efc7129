// SPDX-License-Identifier: Apache-2.0
// RCFNet's global branch: ResNet-50 (He et al. 2016) whose last three bottlenecks attend to the whole map
// instead of convolving (Srinivas et al. 2021, BoT-50), with a map drawn off behind each of its four stages.
#pragma once

#include <torch/torch.h>

#include <array>
#include <cstdint>

#include "models/rcfnet/form.hpp"
#include "models/rcfnet/self_attention.hpp"

namespace tessera::models {

/// Narrows each pixel, convolves or attends, widens again; the input, projected where shapes differ, is
/// added.
class BottleneckImpl : public torch::nn::Module {
 public:
  struct Options {
    std::int64_t in, planes;
    std::int64_t stride = 1;          // 1 or 2
    std::int64_t attention_side = 0;  // of the map that comes in; 0: a 3×3 convolution
    RcfNetForm form = RcfNetForm::Repaired;
  };
  static constexpr std::int64_t kExpansion = 4;

  explicit BottleneckImpl(const Options& options);
  /// (samples, in, height, width) -> (samples, 4 planes, height / stride, width / stride)
  torch::Tensor forward(const torch::Tensor& images);

 private:
  std::int64_t stride_;
  ConvNorm narrow_ = nullptr, widen_ = nullptr;
  torch::nn::Conv2d conv_ = nullptr;  // one of the two
  SelfAttention attention_ = nullptr;
  torch::nn::BatchNorm2d norm_ = nullptr;  // behind it
  FormConvNorm shortcut_ = nullptr;        // none where shapes agree
};
TORCH_MODULE(Bottleneck);

class BotnetBranchImpl : public torch::nn::Module {
 public:
  struct Options {
    std::int64_t planes = 64;                                    // of the first stage; each next doubles them
    std::array<std::int64_t, 4> channels = {96, 192, 384, 768};  // of the maps drawn off
    std::int64_t side = 224;                                     // px, of the images; a multiple of 32
    RcfNetForm form = RcfNetForm::Repaired;
  };
  explicit BotnetBranchImpl(const Options& options);
  /// (samples, 3, side, side) -> per stage i = 0 … 3 (samples, channels[i], side / 2^(i + 2), …)
  std::array<torch::Tensor, 4> forward(const torch::Tensor& images);

 private:
  ConvNorm stem_ = nullptr;
  torch::nn::ModuleList stages_ = nullptr;   // of bottlenecks
  torch::nn::ModuleList lateral_ = nullptr;  // a 1×1 convolution a stage
  torch::nn::Linear idle_head_ = nullptr;    // released form only: a value of its own that nobody reads
};
TORCH_MODULE(BotnetBranch);

}  // namespace tessera::models
