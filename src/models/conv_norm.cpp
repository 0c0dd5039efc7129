// SPDX-License-Identifier: Apache-2.0
#include "models/conv_norm.hpp"

#include <numeric>

namespace tessera::models {

ConvNormImpl::ConvNormImpl(torch::nn::Conv2dOptions options, NormOptions norm)
    : conv(register_module("conv", torch::nn::Conv2d(options.bias(false)))) {
  const std::int64_t channels = options.out_channels();
  if (norm.norm == Norm::Batch) {
    batch_norm_ = register_module(
        "norm", torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(channels).eps(norm.epsilon)));
    return;
  }
  const std::int64_t groups = norm.norm == Norm::Instance ? channels : std::gcd(channels, std::int64_t{8});
  group_norm_ = register_module(
      "norm", torch::nn::GroupNorm(torch::nn::GroupNormOptions(groups, channels).eps(norm.epsilon)));
}

torch::Tensor ConvNormImpl::forward(const torch::Tensor& images, Activation activation,
                                    const torch::Tensor& skip) {
  const torch::Tensor convolved = conv(images);
  if (batch_norm_) return batch_norm_pixels(convolved, *batch_norm_, activation, skip);
  const torch::Tensor normalised = group_norm_(convolved);
  return activated(skip.defined() ? normalised + skip : normalised, activation);
}

torch::nn::Conv2dOptions same_size(std::int64_t in, std::int64_t out, std::int64_t kernel,
                                   std::int64_t dilation) {
  return torch::nn::Conv2dOptions(in, out, kernel).padding(dilation * (kernel / 2)).dilation(dilation);
}

torch::Tensor pointwise(const torch::nn::Conv2dImpl& conv, const torch::Tensor& images) {
  return torch::linear(images.permute({0, 2, 3, 1}), conv.weight.flatten(1), conv.bias).permute({0, 3, 1, 2});
}

void lay_out_channels_last(torch::nn::Module& network) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : network.parameters())
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
}

torch::Tensor channels_last(const torch::Tensor& grey) {
  return grey.contiguous().view({grey.size(0), grey.size(2), grey.size(3), 1}).permute({0, 3, 1, 2});
}

}  // namespace tessera::models
