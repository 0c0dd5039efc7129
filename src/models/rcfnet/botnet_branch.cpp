// SPDX-License-Identifier: Apache-2.0
#include "models/rcfnet/botnet_branch.hpp"

namespace tessera::models {
namespace {

constexpr std::int64_t kDepths[] = {3, 4, 6, 3};
constexpr std::size_t kAttentionStage = 3;  // the last

}  // namespace

BottleneckImpl::BottleneckImpl(const Options& options) : stride_(options.stride) {
  const std::int64_t planes = options.planes, out = kExpansion * planes;
  narrow_ = register_module("narrow", ConvNorm(same_size(options.in, planes, 1)));
  if (options.attention_side > 0)
    attention_ = register_module("attention", SelfAttention(planes, options.attention_side, options.form));
  else
    conv_ =
        register_module("conv", torch::nn::Conv2d(same_size(planes, planes, 3).stride(stride_).bias(false)));
  norm_ = register_module("norm", torch::nn::BatchNorm2d(planes));
  widen_ = register_module("widen", ConvNorm(same_size(planes, out, 1)));
  if (stride_ != 1 || options.in != out)
    shortcut_ = register_module("shortcut",
                                FormConvNorm(same_size(options.in, out, 1).stride(stride_), options.form));
}

torch::Tensor BottleneckImpl::forward(const torch::Tensor& images) {
  torch::Tensor x = narrow_(images);
  if (attention_) {
    x = attention_(x);
    // The whole map is attended to before it shrinks.
    if (stride_ != 1) x = torch::avg_pool2d(x, stride_);
  } else {
    x = conv_(x);
  }
  x = batch_norm_pixels(x, *norm_, Activation::Relu);
  return widen_(x, Activation::Relu, shortcut_ ? shortcut_(images, Activation::None) : images);
}

BotnetBranchImpl::BotnetBranchImpl(const Options& options)
    : stem_(register_module("stem", ConvNorm(same_size(3, options.planes, 7).stride(2)))),
      stages_(register_module("stages", torch::nn::ModuleList())),
      lateral_(register_module("lateral", torch::nn::ModuleList())) {
  std::int64_t in = options.planes, side = options.side / 4;  // behind stem and pooling
  for (std::size_t i = 0; i < std::size(kDepths); ++i) {
    torch::nn::Sequential stage;
    const std::int64_t planes = options.planes << i;
    for (std::int64_t block = 0; block < kDepths[i]; ++block) {
      const std::int64_t stride = i > 0 && block == 0 ? 2 : 1;
      stage->push_back(Bottleneck(
          BottleneckImpl::Options{in, planes, stride, i == kAttentionStage ? side : 0, options.form}));
      in = BottleneckImpl::kExpansion * planes;
      side /= stride;
    }
    stages_->push_back(stage);
    lateral_->push_back(torch::nn::Conv2d(same_size(in, options.channels[i], 1)));
  }
  if (options.form == RcfNetForm::Released) {
    idle_head_ = register_module("idle_head", torch::nn::Linear(in, 1));
    set_aside(*idle_head_);
  }
}

std::array<torch::Tensor, 4> BotnetBranchImpl::forward(const torch::Tensor& images) {
  std::array<torch::Tensor, 4> maps;
  torch::Tensor x = torch::max_pool2d(stem_(images), 3, 2, 1);  // (samples, planes, side / 4, side / 4)
  for (std::size_t i = 0; i < maps.size(); ++i) {
    x = stages_->ptr<torch::nn::SequentialImpl>(i)->forward(x);
    maps[i] = pointwise(*lateral_->ptr<torch::nn::Conv2dImpl>(i), x);
  }
  return maps;
}

}  // namespace tessera::models
