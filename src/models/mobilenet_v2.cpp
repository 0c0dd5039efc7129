// SPDX-License-Identifier: Apache-2.0
#include "models/mobilenet_v2.hpp"

namespace tessera::models {
namespace {

const NormOptions kNorm{Norm::Batch, 1e-3};  // as published

struct Group {
  std::int64_t expansion, out, count, stride;
  std::int64_t first_dilation, dilation;  // of the group's first block, of the others
};
constexpr Group kGroups[] = {{1, 16, 1, 1, 1, 1}, {6, 24, 2, 2, 1, 1}, {6, 32, 3, 2, 1, 1},
                             {6, 64, 4, 1, 1, 2}, {6, 96, 3, 1, 2, 2}, {6, 160, 3, 1, 2, 4},
                             {6, 320, 1, 1, 4, 4}};

}  // namespace

InvertedResidualImpl::InvertedResidualImpl(const Options& options)
    : has_skip_(options.stride == 1 && options.in == options.out) {
  const std::int64_t wide = options.expansion * options.in;
  if (options.expansion > 1)
    expand_ = register_module("expand", ConvNorm(same_size(options.in, wide, 1), kNorm));
  depthwise_ = register_module(
      "depthwise",
      ConvNorm(same_size(wide, wide, 3, options.dilation).stride(options.stride).groups(wide), kNorm));
  project_ = register_module("project", ConvNorm(same_size(wide, options.out, 1), kNorm));
}

torch::Tensor InvertedResidualImpl::forward(const torch::Tensor& images) {
  torch::Tensor x = images;
  if (expand_) x = expand_(x, Activation::Relu6);
  x = depthwise_(x, Activation::Relu6);
  return project_(x, Activation::None, has_skip_ ? images : torch::Tensor());
}

MobileNetV2Impl::MobileNetV2Impl()
    : conv1_(register_module("conv1", ConvNorm(same_size(3, 32, 3).stride(2), kNorm))),
      blocks_(register_module("blocks", torch::nn::ModuleList())) {
  std::int64_t in = 32;
  for (const Group& group : kGroups)
    for (std::int64_t i = 0; i < group.count; ++i) {
      blocks_->push_back(InvertedResidual(
          InvertedResidualImpl::Options{in, group.out, group.expansion, i == 0 ? group.stride : 1,
                                        i == 0 ? group.first_dilation : group.dilation}));
      in = group.out;
    }
}

torch::Tensor MobileNetV2Impl::forward(const torch::Tensor& images) {
  torch::Tensor x = conv1_(images, Activation::Relu6);
  for (const auto& block : *blocks_) x = block->as<InvertedResidualImpl>()->forward(x);
  return x;
}

}  // namespace tessera::models
