// SPDX-License-Identifier: Apache-2.0
// Xception-65 as DeepLab v3+ changed it (Chen et al., ECCV 2018): separable convolutions throughout, the last
// strides turned into dilation so that the map stays at 1/16 or 1/8 of the image.
#pragma once

#include <torch/torch.h>

#include <array>
#include <cstdint>

#include "models/separable_conv.hpp"

namespace tessera::models {

/// Three separable convolutions with a shortcut around them.
class XceptionBlockImpl : public torch::nn::Module {
 public:
  /// Shortcut: a strided 1×1 convolution, the block's input as it is, or none; the block without one has its
  /// ReLU behind every normalisation instead of before every separable convolution.
  enum class Shortcut { Convolution, Identity, None };
  struct Options {
    std::int64_t in;
    std::array<std::int64_t, 3> out;
    Shortcut shortcut;
    std::int64_t stride = 1;  // of the third convolution and the shortcut
    std::int64_t dilation = 1;
  };
  explicit XceptionBlockImpl(const Options& options);

  struct Maps {
    torch::Tensor out;
    torch::Tensor second;  // what the second separable convolution gave: the decoder's finer map in one block
  };
  Maps forward(const torch::Tensor& images);

 private:
  Shortcut shortcut_kind_;
  torch::nn::ModuleList convs_ = nullptr;
  ConvNorm shortcut_ = nullptr;
};
TORCH_MODULE(XceptionBlock);

class XceptionImpl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kFineChannels = 256, kChannels = 2048;
  /// output_stride: 16 or 8.
  explicit XceptionImpl(std::int64_t output_stride);

  struct Maps {
    torch::Tensor fine;  // (samples, 256, height / 4, width / 4)
    torch::Tensor out;   // (samples, 2048, height / output_stride, width / output_stride)
  };
  /// images: (samples, 3, height, width); sizes are rounded up where they do not divide.
  Maps forward(const torch::Tensor& images);

 private:
  ConvNorm conv1_ = nullptr, conv2_ = nullptr;
  torch::nn::ModuleList entry_ = nullptr, middle_ = nullptr, exit_ = nullptr;
};
TORCH_MODULE(Xception);

}  // namespace tessera::models
