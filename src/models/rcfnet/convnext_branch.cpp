// SPDX-License-Identifier: Apache-2.0
#include "models/rcfnet/convnext_branch.hpp"

#include <numeric>

#include "models/conv_norm.hpp"

namespace tessera::models {
namespace {

constexpr std::int64_t kDepths[] = {3, 3, 9, 3};
constexpr double kEpsilon = 1e-6;
constexpr double kLayerScale = 1e-6;  // at the start each block is all but the identity

torch::nn::LayerNorm layer_norm(std::int64_t channels) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}).eps(kEpsilon));
}

// Leaves out whole samples, and makes the others larger so that the mean stays. (samples, …) -> the same
torch::Tensor survived(const torch::Tensor& branch, double drop_path) {
  const torch::Tensor chance = torch::full({branch.size(0), 1, 1, 1}, 1 - drop_path, branch.options());
  return branch * torch::bernoulli(chance) / (1 - drop_path);
}

}  // namespace

PixelLayerNormImpl::PixelLayerNormImpl(std::int64_t channels)
    : norm_(register_module("norm", layer_norm(channels))) {}

torch::Tensor PixelLayerNormImpl::forward(const torch::Tensor& images) {
  return norm_(images.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
}

ConvNextBlockImpl::ConvNextBlockImpl(std::int64_t channels, double drop_path) : drop_path_(drop_path) {
  depthwise_ =
      register_module("depthwise", torch::nn::Conv2d(same_size(channels, channels, 7).groups(channels)));
  norm_ = register_module("norm", layer_norm(channels));
  widen_ = register_module("widen", torch::nn::Linear(channels, 4 * channels));
  narrow_ = register_module("narrow", torch::nn::Linear(4 * channels, channels));
  layer_scale_ = register_parameter("layer_scale", torch::full({channels}, kLayerScale));
}

torch::Tensor ConvNextBlockImpl::forward(const torch::Tensor& images) {
  torch::Tensor x = depthwise_(images).permute({0, 2, 3, 1});  // (samples, height, width, channels)
  x = narrow_(torch::gelu(widen_(norm_(x)))) * layer_scale_;
  x = x.permute({0, 3, 1, 2});
  return images + (is_training() && drop_path_ > 0 ? survived(x, drop_path_) : x);
}

ConvNextBranchImpl::ConvNextBranchImpl(const std::array<std::int64_t, 4>& channels, double drop_path)
    : stem_(
          register_module("stem", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, channels[0], 4).stride(4)))),
      stem_norm_(register_module("stem_norm", PixelLayerNorm(channels[0]))),
      shrink_(register_module("shrink", torch::nn::ModuleList())),
      stages_(register_module("stages", torch::nn::ModuleList())) {
  const auto num_blocks = std::accumulate(std::begin(kDepths), std::end(kDepths), std::int64_t{0});
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (i > 0)
      shrink_->push_back(torch::nn::Sequential(
          PixelLayerNorm(channels[i - 1]),
          torch::nn::Conv2d(torch::nn::Conv2dOptions(channels[i - 1], channels[i], 2).stride(2))));
    torch::nn::Sequential stage;
    for (std::int64_t block = 0; block < kDepths[i]; ++block, ++seen)
      stage->push_back(ConvNextBlock(
          channels[i], drop_path * static_cast<double>(seen) / static_cast<double>(num_blocks - 1)));
    stages_->push_back(stage);
  }
}

std::array<torch::Tensor, 4> ConvNextBranchImpl::forward(const torch::Tensor& images) {
  std::array<torch::Tensor, 4> maps;
  torch::Tensor x = stem_norm_(stem_(images));
  for (std::size_t i = 0; i < maps.size(); ++i) {
    if (i > 0) x = shrink_->ptr<torch::nn::SequentialImpl>(i - 1)->forward(x);
    x = stages_->ptr<torch::nn::SequentialImpl>(i)->forward(x);
    maps[i] = x;
  }
  return maps;
}

}  // namespace tessera::models
