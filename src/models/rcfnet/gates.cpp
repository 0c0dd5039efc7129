// SPDX-License-Identifier: Apache-2.0
#include "models/rcfnet/gates.hpp"

#include <algorithm>

namespace tessera::models {
namespace {

std::int64_t narrowed(std::int64_t channels) {
  return std::max<std::int64_t>(6, channels / 16);
}

torch::nn::Conv2d pointwise_conv(std::int64_t in, std::int64_t out, bool has_bias) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 1).bias(has_bias));
}

torch::Tensor mean_of_places(const torch::Tensor& images) {
  return images.mean({2, 3}, /*keepdim=*/true);  // (samples, channels, 1, 1)
}

}  // namespace

SqueezePlusPixelGateImpl::SqueezePlusPixelGateImpl(std::int64_t channels)
    : narrow_(register_module("narrow", pointwise_conv(channels, narrowed(channels), true))),
      widen_(register_module("widen", pointwise_conv(narrowed(channels), channels, true))),
      pixel_(register_module("pixel", pointwise_conv(channels, channels, true))) {}

torch::Tensor SqueezePlusPixelGateImpl::forward(const torch::Tensor& images) {
  const torch::Tensor squeezed = pointwise(*narrow_, mean_of_places(images));
  const torch::Tensor of_channel = torch::sigmoid(pointwise(*widen_, torch::relu(squeezed)));
  return images * (of_channel + torch::sigmoid(pointwise(*pixel_, images)));
}

SpatialGateImpl::SpatialGateImpl() : conv_(register_module("conv", ConvNorm(same_size(2, 1, 7)))) {}

torch::Tensor SpatialGateImpl::forward(const torch::Tensor& images) {
  const torch::Tensor seen = torch::cat({images.amax(1, true), images.mean(1, true)}, 1);
  return images * torch::sigmoid(conv_(seen, Activation::None));
}

ChannelGateImpl::ChannelGateImpl(std::int64_t channels, RcfNetForm form)
    : form_(form),
      narrow_(register_module("narrow", pointwise_conv(channels, narrowed(channels), false))),
      widen_(register_module("widen", pointwise_conv(narrowed(channels), channels, false))) {}

torch::Tensor ChannelGateImpl::forward(const torch::Tensor& images) {
  const auto weighed = [&](const torch::Tensor& pooled) {
    return pointwise(*widen_, torch::relu(pointwise(*narrow_, pooled)));
  };
  torch::Tensor gate = torch::sigmoid(weighed(mean_of_places(images)) + weighed(images.amax({2, 3}, true)));
  if (form_ == RcfNetForm::Released) gate = torch::sigmoid(gate);
  return images * gate;
}

SqueezeGateImpl::SqueezeGateImpl(std::int64_t channels) {
  const auto linear = [](std::int64_t in, std::int64_t out) {
    return torch::nn::Linear(torch::nn::LinearOptions(in, out).bias(false));
  };
  narrow_ = register_module("narrow", linear(channels, narrowed(channels)));
  widen_ = register_module("widen", linear(narrowed(channels), channels));
}

torch::Tensor SqueezeGateImpl::forward(const torch::Tensor& images) {
  const torch::Tensor gate = torch::sigmoid(widen_(torch::relu(narrow_(images.mean({2, 3})))));
  return images * gate.unflatten(1, {gate.size(1), 1, 1});
}

}  // namespace tessera::models
