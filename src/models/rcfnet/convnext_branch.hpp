// SPDX-License-Identifier: Apache-2.0
// RCFNet's local branch: ConvNeXt-T (Liu et al. 2022, "A ConvNet for the 2020s") up to its last stage, with
// the four stages' maps. It is the same in both forms.
#pragma once

#include <torch/torch.h>

#include <array>
#include <cstdint>

namespace tessera::models {

/// Layer norm over the channels of each pixel: (samples, channels, height, width) -> the same.
class PixelLayerNormImpl : public torch::nn::Module {
 public:
  explicit PixelLayerNormImpl(std::int64_t channels);
  torch::Tensor forward(const torch::Tensor& images);

 private:
  torch::nn::LayerNorm norm_ = nullptr;
};
TORCH_MODULE(PixelLayerNorm);

/// A 7×7 convolution of each channel by itself, then two linear layers at each pixel, added to the input.
class ConvNextBlockImpl : public torch::nn::Module {
 public:
  /// `drop_path`: how likely a sample skips the block in training (Huang et al. 2016, stochastic depth);
  /// drawn from LibTorch's global generator.
  ConvNextBlockImpl(std::int64_t channels, double drop_path);
  /// (samples, channels, height, width) -> the same
  torch::Tensor forward(const torch::Tensor& images);

 private:
  double drop_path_;
  torch::nn::Conv2d depthwise_ = nullptr;
  torch::nn::LayerNorm norm_ = nullptr;
  torch::nn::Linear widen_ = nullptr, narrow_ = nullptr;
  torch::Tensor layer_scale_;  // (channels)
};
TORCH_MODULE(ConvNextBlock);

class ConvNextBranchImpl : public torch::nn::Module {
 public:
  /// `channels` of the four stages; the chance to skip a block rises from 0 to `drop_path` at the last.
  ConvNextBranchImpl(const std::array<std::int64_t, 4>& channels, double drop_path);
  /// (samples, 3, height, width) -> per stage i = 0 … 3 (samples, channels[i], height / 2^(i + 2), …)
  std::array<torch::Tensor, 4> forward(const torch::Tensor& images);

 private:
  torch::nn::Conv2d stem_ = nullptr;
  PixelLayerNorm stem_norm_ = nullptr;
  torch::nn::ModuleList shrink_ = nullptr;  // 3, a norm and a 2×2 convolution each
  torch::nn::ModuleList stages_ = nullptr;  // 4, of blocks
};
TORCH_MODULE(ConvNextBranch);

}  // namespace tessera::models
