// SPDX-License-Identifier: Apache-2.0
#include "models/residual_unet.hpp"

#include <array>
#include <cstdlib>

#include "models/skip_pool.hpp"
#include "models/up_convolution.hpp"

namespace tessera::models {
namespace {

// 0 1 2 3 2 1 0 1 …: the edge itself is not repeated.
std::int64_t reflected(std::int64_t position, std::int64_t size) {
  if (size == 1) return 0;
  const std::int64_t period = 2 * (size - 1), within = position % period;
  return within < size ? within : period - within;
}

// Continued by reflection along `dimension` up to a multiple; of any size, also far below the multiple.
torch::Tensor continued(const torch::Tensor& images, std::int64_t dimension, std::int64_t multiple) {
  const std::int64_t size = images.size(dimension), whole = (size + multiple - 1) / multiple * multiple;
  if (whole == size) return images;
  std::vector<std::int64_t> source;
  for (std::int64_t i = 0; i < whole; ++i) source.push_back(reflected(i, size));
  return images.index_select(dimension, torch::tensor(source, torch::kInt64).to(images.device()));
}

}  // namespace

ResidualUnetOptions read_residual_unet_options(core::ConfigTable model) {
  static const std::array<std::string, 3> kSkips = {"add", "concatenate", "none"};
  static const std::array<std::string, 3> kNorms = {"batch", "group", "instance"};
  ResidualUnetOptions options;
  options.depth = model.integer("depth", options.depth, {2, 5});
  options.layer = model.integer("layer", options.layer, {2, 7});
  options.base_width = model.integer("base_width", options.base_width, {1, 1024});
  const std::string skip = model.choice("skip", "add", kSkips);
  options.skip = skip == "add"           ? LevelSkip::Add
                 : skip == "concatenate" ? LevelSkip::Concatenate
                                         : LevelSkip::None;
  const std::string norm = model.choice("norm", "batch", kNorms);
  options.norm = norm == "batch" ? Norm::Batch : norm == "group" ? Norm::Group : Norm::Instance;
  return options;
}

UnetLevelImpl::UnetLevelImpl(std::int64_t in, std::int64_t out, std::int64_t layer, Norm norm)
    : convs_(register_module("convs", torch::nn::ModuleList())) {
  for (std::int64_t i = 0; i < layer - 1; ++i)
    convs_->push_back(ConvNorm(same_size(i == 0 ? in : out, out, 3), NormOptions{norm}));
  if (layer > 2 && in != out)
    projection_ = register_module("projection", torch::nn::Conv2d(same_size(in, out, 1).bias(false)));
}

torch::Tensor UnetLevelImpl::forward(const torch::Tensor& images) {
  torch::Tensor x = images;
  const auto convolved = [&](std::size_t i, const torch::Tensor& from, const torch::Tensor& skip = {}) {
    return convs_->ptr<ConvNormImpl>(i)->forward(from, Activation::Relu, skip);
  };
  for (std::size_t i = 0; i + 1 < convs_->size(); i += 2) {
    const torch::Tensor skip = i == 0 && projection_ ? pointwise(*projection_, x) : x;
    x = convolved(i + 1, convolved(i, x), skip);
  }
  return convs_->size() % 2 == 1 ? convolved(convs_->size() - 1, x) : x;
}

ResidualUnet::ResidualUnet(const ResidualUnetOptions& options, std::int64_t outputs)
    : skip_(options.skip),
      encoder_(register_module("encoder", torch::nn::ModuleList())),
      up_(register_module("up", torch::nn::ModuleList())),
      decoder_(register_module("decoder", torch::nn::ModuleList())) {
  const auto width = [&](std::int64_t level) { return options.base_width << level; };
  for (std::int64_t level = 0; level < options.depth; ++level)
    encoder_->push_back(
        UnetLevel(level == 0 ? 1 : width(level - 1), width(level), options.layer, options.norm));
  for (std::int64_t level = 0; level + 1 < options.depth; ++level) {
    up_->push_back(torch::nn::ConvTranspose2d(
        torch::nn::ConvTranspose2dOptions(width(level + 1), width(level), 2).stride(2)));
    const std::int64_t in = options.skip == LevelSkip::Concatenate ? 2 * width(level) : width(level);
    decoder_->push_back(UnetLevel(in, width(level), options.layer, options.norm));
  }
  head_ = register_module("head", torch::nn::Conv2d(torch::nn::Conv2dOptions(width(0), outputs, 1)));
  lay_out_channels_last(*this);
}

torch::Tensor ResidualUnet::forward(const Batch& batch) {
  const torch::Tensor& grey = batch.images.grey;  // (samples, 1, height, width)
  const std::int64_t multiple = std::int64_t{1} << up_->size();
  torch::Tensor x = channels_last(continued(continued(grey, 2, multiple), 3, multiple));
  std::vector<torch::Tensor> seen;  // the finer levels' maps, for the decoder
  for (std::size_t level = 0; level < encoder_->size(); ++level) {
    x = encoder_->ptr<UnetLevelImpl>(level)->forward(x);
    if (level == up_->size()) break;
    auto [map, pooled] = skip_and_pool(x);
    seen.push_back(std::move(map));
    x = std::move(pooled);
  }
  for (std::size_t level = up_->size(); level-- > 0;) {
    x = up_convolution(x, *up_->ptr<torch::nn::ConvTranspose2dImpl>(level));
    if (skip_ == LevelSkip::Add) x.add_(seen[level]);
    if (skip_ == LevelSkip::Concatenate) x = torch::cat({x, seen[level]}, 1);
    x = decoder_->ptr<UnetLevelImpl>(level)->forward(x);
  }
  return pointwise(*head_, x).slice(2, 0, grey.size(2)).slice(3, 0, grey.size(3));
}

}  // namespace tessera::models
