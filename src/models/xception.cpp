// SPDX-License-Identifier: Apache-2.0
#include "models/xception.hpp"

namespace tessera::models {
namespace {

constexpr double kEpsilon = 1e-3;  // of the published normalisations

using Block = XceptionBlockImpl::Options;
using Shortcut = XceptionBlockImpl::Shortcut;

}  // namespace

XceptionBlockImpl::XceptionBlockImpl(const Options& options)
    : shortcut_kind_(options.shortcut), convs_(register_module("convs", torch::nn::ModuleList())) {
  std::int64_t in = options.in;
  for (std::size_t i = 0; i < options.out.size(); ++i) {
    convs_->push_back(
        SeparableConv(in, options.out[i], i == 2 ? options.stride : 1, options.dilation, kEpsilon));
    in = options.out[i];
  }
  if (options.shortcut == Shortcut::Convolution)
    shortcut_ = register_module("shortcut", ConvNorm(same_size(options.in, in, 1).stride(options.stride),
                                                     NormOptions{Norm::Batch, kEpsilon}));
}

XceptionBlockImpl::Maps XceptionBlockImpl::forward(const torch::Tensor& images) {
  const auto conv = [&](std::size_t i) { return convs_->ptr<SeparableConvImpl>(i); };
  if (shortcut_kind_ == Shortcut::None) {
    const auto relu = Activation::Relu;
    const torch::Tensor second = conv(1)->forward(conv(0)->forward(images, relu, relu), relu, relu);
    return {conv(2)->forward(second, relu, relu), second};
  }
  const auto none = Activation::None;
  // The ReLU that stands before the second convolution comes right behind the first.
  const torch::Tensor second =
      conv(1)->forward(conv(0)->forward(torch::relu(images), none, Activation::Relu), none, none);
  const torch::Tensor around = shortcut_ ? shortcut_(images, none) : images;
  return {conv(2)->forward(torch::relu(second), none, none, around), second};
}

XceptionImpl::XceptionImpl(std::int64_t output_stride)
    : conv1_(register_module("conv1",
                             ConvNorm(same_size(3, 32, 3).stride(2), NormOptions{Norm::Batch, kEpsilon}))),
      conv2_(register_module("conv2", ConvNorm(same_size(32, 64, 3), NormOptions{Norm::Batch, kEpsilon}))),
      entry_(register_module("entry", torch::nn::ModuleList())),
      middle_(register_module("middle", torch::nn::ModuleList())),
      exit_(register_module("exit", torch::nn::ModuleList())) {
  const std::int64_t widened = output_stride == 8 ? 2 : 1;  // dilation in place of the stride left out
  entry_->push_back(XceptionBlock(Block{64, {128, 128, 128}, Shortcut::Convolution, 2}));
  entry_->push_back(XceptionBlock(Block{128, {256, 256, kFineChannels}, Shortcut::Convolution, 2}));
  entry_->push_back(
      XceptionBlock(Block{256, {728, 728, 728}, Shortcut::Convolution, output_stride == 8 ? 1 : 2}));
  for (int i = 0; i < 16; ++i)
    middle_->push_back(XceptionBlock(Block{728, {728, 728, 728}, Shortcut::Identity, 1, widened}));
  exit_->push_back(XceptionBlock(Block{728, {728, 1024, 1024}, Shortcut::Convolution, 1, widened}));
  exit_->push_back(XceptionBlock(Block{1024, {1536, 1536, kChannels}, Shortcut::None, 1, 2 * widened}));
}

XceptionImpl::Maps XceptionImpl::forward(const torch::Tensor& images) {
  Maps maps;
  maps.out = conv2_(conv1_(images));
  for (std::size_t i = 0; i < entry_->size(); ++i) {
    const auto block = entry_->ptr<XceptionBlockImpl>(i)->forward(maps.out);
    if (i == 1) maps.fine = block.second;
    maps.out = block.out;
  }
  for (const auto& blocks : {middle_, exit_})
    for (const auto& block : *blocks) maps.out = block->as<XceptionBlockImpl>()->forward(maps.out).out;
  return maps;
}

}  // namespace tessera::models
