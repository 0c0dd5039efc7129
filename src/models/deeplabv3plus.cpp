// SPDX-License-Identifier: Apache-2.0
#include "models/deeplabv3plus.hpp"

#include <array>

namespace tessera::models {
namespace {

constexpr std::int64_t kWidth = 256;  // of pyramid and decoder
constexpr std::int64_t kFinerWidth = 48;
constexpr double kEpsilon = 1e-5;

torch::Tensor resized(const torch::Tensor& images, torch::IntArrayRef size) {
  return torch::upsample_bilinear2d(images, size, /*align_corners=*/true);
}

}  // namespace

DeepLabV3PlusOptions read_deeplabv3plus_options(core::ConfigTable model) {
  static const std::array<std::string, 2> kBackbones = {"xception", "mobilenet_v2"};
  DeepLabV3PlusOptions options;
  if (model.choice("backbone", "xception", kBackbones) == "mobilenet_v2") {
    options.backbone = Backbone::MobileNetV2;
    options.output_stride = 8;
  }
  const bool is_xception = options.backbone == Backbone::Xception;
  options.output_stride = model.integer("output_stride", options.output_stride);
  if (options.output_stride != 8 && !(is_xception && options.output_stride == 16))
    model.refuse("output_stride", is_xception ? "16 or 8" : "8 with the backbone mobilenet_v2");
  options.dropout = model.number("dropout", options.dropout, {0, 0.99});
  return options;
}

AtrousPyramidImpl::AtrousPyramidImpl(std::int64_t in, const std::vector<std::int64_t>& dilations,
                                     double dropout)
    : whole_(register_module("whole", ConvNorm(same_size(in, kWidth, 1)))),
      pixel_(register_module("pixel", ConvNorm(same_size(in, kWidth, 1)))),
      dilated_(register_module("dilated", torch::nn::ModuleList())) {
  for (const std::int64_t dilation : dilations)
    dilated_->push_back(SeparableConv(in, kWidth, 1, dilation, kEpsilon));
  const auto branches = static_cast<std::int64_t>(2 + dilations.size());
  project_ = register_module("project", ConvNorm(same_size(branches * kWidth, kWidth, 1)));
  dropout_ = register_module("dropout", torch::nn::Dropout(dropout));
}

torch::Tensor AtrousPyramidImpl::forward(const torch::Tensor& images) {
  const torch::Tensor whole = whole_(images.mean({2, 3}, /*keepdim=*/true));  // (samples, 256, 1, 1)
  std::vector<torch::Tensor> branches = {whole.expand({-1, -1, images.size(2), images.size(3)}),
                                         pixel_(images)};
  for (const auto& dilated : *dilated_)
    branches.push_back(dilated->as<SeparableConvImpl>()->forward(images, Activation::Relu, Activation::Relu));
  return dropout_(project_(torch::cat(branches, 1)));
}

DeepLabV3Plus::DeepLabV3Plus(const DeepLabV3PlusOptions& options, std::int64_t outputs) {
  if (options.backbone == Backbone::Xception) {
    const std::int64_t unit = options.output_stride == 8 ? 12 : 6;
    xception_ = register_module("backbone", Xception(options.output_stride));
    pyramid_ = register_module(
        "pyramid", AtrousPyramid(XceptionImpl::kChannels, std::vector<std::int64_t>{unit, 2 * unit, 3 * unit},
                                 options.dropout));
    finer_ = register_module("finer", ConvNorm(same_size(XceptionImpl::kFineChannels, kFinerWidth, 1)));
    decoder1_ = register_module("decoder1", SeparableConv(kWidth + kFinerWidth, kWidth, 1, 1, kEpsilon));
    decoder2_ = register_module("decoder2", SeparableConv(kWidth, kWidth, 1, 1, kEpsilon));
  } else {
    mobilenet_ = register_module("backbone", MobileNetV2());
    pyramid_ = register_module(
        "pyramid", AtrousPyramid(MobileNetV2Impl::kChannels, std::vector<std::int64_t>{}, options.dropout));
  }
  head_ = register_module("head", torch::nn::Conv2d(torch::nn::Conv2dOptions(kWidth, outputs, 1)));
  lay_out_channels_last(*this);
}

torch::Tensor DeepLabV3Plus::forward(const Batch& batch) {
  const torch::Tensor& grey = batch.images.grey;  // (samples, 1, height, width)
  const torch::Tensor images = grey.expand({-1, 3, -1, -1}).contiguous(torch::MemoryFormat::ChannelsLast);
  torch::Tensor x;
  if (xception_) {
    const XceptionImpl::Maps maps = xception_(images);
    const auto relu = Activation::Relu;
    x = resized(pyramid_(maps.out), maps.fine.sizes().slice(2));
    x = decoder1_(torch::cat({x, finer_(maps.fine)}, 1), relu, relu);
    x = decoder2_(x, relu, relu);
  } else {
    x = pyramid_(mobilenet_(images));
  }
  return resized(pointwise(*head_, x), grey.sizes().slice(2));
}

}  // namespace tessera::models
