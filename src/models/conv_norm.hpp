// SPDX-License-Identifier: Apache-2.0
// The layer every segmentation network is made of: a convolution without bias, a normalisation, an
// activation. On the CPU images and weights lie channels-last, the order in which LibTorch's convolutions are
// fastest.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "models/row_batch_norm.hpp"

namespace tessera::models {

/// Group: 8 groups of channels, or as many as divide them (Wu and He 2018). Instance: a group each channel.
enum class Norm { Batch, Group, Instance };

struct NormOptions {
  Norm norm = Norm::Batch;
  double epsilon = 1e-5;
};

class ConvNormImpl : public torch::nn::Module {
 public:
  /// The convolution is given as LibTorch's options; their bias is left out.
  explicit ConvNormImpl(torch::nn::Conv2dOptions options, NormOptions norm = {});

  /// activation(norm(convolution(images)) + skip): (samples, in, height, width) -> (samples, out, …); `skip`
  /// undefined or of the result's shape.
  torch::Tensor forward(const torch::Tensor& images, Activation activation = Activation::Relu,
                        const torch::Tensor& skip = {});

  torch::nn::Conv2d conv = nullptr;

 private:
  torch::nn::BatchNorm2d batch_norm_ = nullptr;  // one of the two, as `norm`
  torch::nn::GroupNorm group_norm_ = nullptr;
};
TORCH_MODULE(ConvNorm);

/// A square convolution that keeps the size at stride 1.
torch::nn::Conv2dOptions same_size(std::int64_t in, std::int64_t out, std::int64_t kernel,
                                   std::int64_t dilation = 1);

/// A convolution of one pixel each, as a product of matrices.
torch::Tensor pointwise(const torch::nn::Conv2dImpl& conv, const torch::Tensor& images);

/// The weights of every convolution inside, and those to come from a checkpoint, channels-last.
void lay_out_channels_last(torch::nn::Module& network);

/// Grey levels (samples, 1, height, width) in an order that LibTorch takes for channels-last: of one channel
/// both orders are the same, and it would choose the other.
torch::Tensor channels_last(const torch::Tensor& grey);

}  // namespace tessera::models
