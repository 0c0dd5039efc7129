// SPDX-License-Identifier: Apache-2.0
// What RCFNet's merge modules weigh maps with before and after they join them: each gate multiplies its input
// by numbers between 0 and 1 that it takes from that input. In between channels are narrowed to a sixteenth,
// but to no fewer than the 6 of the published network's finest merge: a single one is soon dead behind its
// ReLU.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "models/rcfnet/form.hpp"

namespace tessera::models {

/// A weight a channel plus a weight a value (Roy et al. 2018, scSE; there one a pixel, here one for each of
/// its channels): (samples, channels, height, width) -> the same.
class SqueezePlusPixelGateImpl : public torch::nn::Module {
 public:
  explicit SqueezePlusPixelGateImpl(std::int64_t channels);
  torch::Tensor forward(const torch::Tensor& images);

 private:
  torch::nn::Conv2d narrow_ = nullptr, widen_ = nullptr;  // for the channels
  torch::nn::Conv2d pixel_ = nullptr;
};
TORCH_MODULE(SqueezePlusPixelGate);

/// A weight a pixel from the largest and the mean of its channels (Woo et al. 2018, CBAM).
class SpatialGateImpl : public torch::nn::Module {
 public:
  SpatialGateImpl();
  torch::Tensor forward(const torch::Tensor& images);

 private:
  ConvNorm conv_ = nullptr;
};
TORCH_MODULE(SpatialGate);

/// A weight a channel from its mean and its largest value (Woo et al. 2018, CBAM). The released form takes
/// the sigmoid twice, which leaves nothing outside of ½ … 0.731.
class ChannelGateImpl : public torch::nn::Module {
 public:
  ChannelGateImpl(std::int64_t channels, RcfNetForm form);
  torch::Tensor forward(const torch::Tensor& images);

 private:
  RcfNetForm form_;
  torch::nn::Conv2d narrow_ = nullptr, widen_ = nullptr;
};
TORCH_MODULE(ChannelGate);

/// A weight a channel from its mean (Hu et al. 2018, squeeze and excitation).
class SqueezeGateImpl : public torch::nn::Module {
 public:
  explicit SqueezeGateImpl(std::int64_t channels);
  torch::Tensor forward(const torch::Tensor& images);

 private:
  torch::nn::Linear narrow_ = nullptr, widen_ = nullptr;
};
TORCH_MODULE(SqueezeGate);

}  // namespace tessera::models
