// SPDX-License-Identifier: Apache-2.0
#include "models/rcfnet/merge_module.hpp"

namespace tessera::models {

PreactivatedBottleneckImpl::PreactivatedBottleneckImpl(std::int64_t in, std::int64_t out, RcfNetForm form) {
  const std::int64_t half = out / 2;
  const bool has_bias = form == RcfNetForm::Released;  // in front of a norm
  norm1_ = register_module("norm1", torch::nn::BatchNorm2d(in));
  conv1_ = register_module("conv1", torch::nn::Conv2d(same_size(in, half, 1).bias(has_bias)));
  norm2_ = register_module("norm2", torch::nn::BatchNorm2d(half));
  conv2_ = register_module("conv2", torch::nn::Conv2d(same_size(half, half, 3).bias(has_bias)));
  norm3_ = register_module("norm3", torch::nn::BatchNorm2d(half));
  conv3_ = register_module("conv3", torch::nn::Conv2d(same_size(half, out, 1)));
  shortcut_ = register_module("shortcut", torch::nn::Conv2d(same_size(in, out, 1)));
}

torch::Tensor PreactivatedBottleneckImpl::forward(const torch::Tensor& images) {
  torch::Tensor x = pointwise(*conv1_, batch_norm_pixels(images, *norm1_, Activation::Relu));
  x = conv2_(batch_norm_pixels(x, *norm2_, Activation::Relu));
  x = pointwise(*conv3_, batch_norm_pixels(x, *norm3_, Activation::Relu));
  return x + pointwise(*shortcut_, images);
}

MergeModuleImpl::MergeModuleImpl(const Options& options) {
  const std::int64_t channels = options.channels;
  const auto conv = [&](std::int64_t in, std::int64_t kernel) {
    return FormConvNorm(same_size(in, channels, kernel), options.form);
  };
  entry_ = register_module("entry", SqueezePlusPixelGate(channels));
  of_local_ = register_module("of_local", conv(channels, 1));
  of_global_ = register_module("of_global", conv(channels, 1));
  if (!options.is_first) of_before_ = register_module("of_before", conv(channels / 2, 1));
  fuse_ = register_module("fuse", conv((options.is_first ? 2 : 3) * channels, 3));
  spatial_ = register_module("spatial", SpatialGate());
  channel_ = register_module("channel", ChannelGate(channels, options.form));
  mix_ = register_module("mix", PreactivatedBottleneck(3 * channels, channels, options.form));
  dropout_ = register_module("dropout", torch::nn::Dropout2d(options.dropout));
  exit_ = register_module("exit", SqueezeGate(channels));
  if (options.form != RcfNetForm::Released) return;
  idle_fuse_ = register_module("idle_fuse", conv((options.is_first ? 3 : 2) * channels, 3));
  set_aside(*idle_fuse_);
  if (!options.is_first) return;
  idle_of_before_ = register_module("idle_of_before", conv(channels / 2, 1));
  set_aside(*idle_of_before_);
}

torch::Tensor MergeModuleImpl::forward(const torch::Tensor& local, const torch::Tensor& global,
                                       const torch::Tensor& before) {
  const torch::Tensor from_local = entry_(local), from_global = entry_(global);
  std::vector<torch::Tensor> parts;
  if (of_before_) parts.push_back(torch::avg_pool2d(of_before_(before), 2));
  parts.push_back(of_local_(from_local, Activation::None));
  parts.push_back(of_global_(from_global, Activation::None));
  const torch::Tensor fused = fuse_(torch::cat(parts, 1));
  const torch::Tensor joined = torch::cat({channel_(from_global), spatial_(from_local), fused}, 1);
  return exit_(dropout_(mix_(joined)));
}

}  // namespace tessera::models
