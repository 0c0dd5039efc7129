// SPDX-License-Identifier: Apache-2.0
// DeepLab v3+ (Chen et al., ECCV 2018), in the form of the Keras port with its two backbones: with Xception
// the whole of it; with MobileNetV2 a reduced pyramid and no decoder, hence no finer map. Upsampling is
// bilinear, corners on corners.
#pragma once

#include <cstdint>
#include <string>

#include "core/config.hpp"
#include "models/batch.hpp"
#include "models/mobilenet_v2.hpp"
#include "models/xception.hpp"

namespace tessera::models {

enum class Backbone { Xception, MobileNetV2 };

struct DeepLabV3PlusOptions {
  Backbone backbone = Backbone::Xception;
  std::int64_t output_stride = 16;  // 16 or 8; MobileNetV2: 8
  double dropout = 0.1;
};

/// [model] backbone = "xception" or "mobilenet_v2", output_stride, dropout.
DeepLabV3PlusOptions read_deeplabv3plus_options(core::ConfigTable model);

/// Looks at each pixel of a map through several dilations and at the whole image: atrous spatial pyramid
/// pooling. (samples, in, height, width) -> (samples, 256, height, width)
class AtrousPyramidImpl : public torch::nn::Module {
 public:
  /// `dilations`: of the 3×3 branches beside the 1×1 one; may be empty.
  AtrousPyramidImpl(std::int64_t in, const std::vector<std::int64_t>& dilations, double dropout);
  torch::Tensor forward(const torch::Tensor& images);

 private:
  ConvNorm whole_ = nullptr, pixel_ = nullptr;
  torch::nn::ModuleList dilated_ = nullptr;
  ConvNorm project_ = nullptr;
  torch::nn::Dropout dropout_ = nullptr;
};
TORCH_MODULE(AtrousPyramid);

/// Grey levels go in three times, as colours: the backbones are those of photographs.
class DeepLabV3Plus : public Network {
 public:
  DeepLabV3Plus(const DeepLabV3PlusOptions& options, std::int64_t outputs);
  torch::Tensor forward(const Batch& batch) override;
  Features features() const override { return Features::Image; }
  bool is_of_pixels() const override { return true; }

 private:
  Xception xception_ = nullptr;  // one of the two
  MobileNetV2 mobilenet_ = nullptr;
  AtrousPyramid pyramid_ = nullptr;
  ConvNorm finer_ = nullptr;  // with Xception only, as the decoder
  SeparableConv decoder1_ = nullptr, decoder2_ = nullptr;
  torch::nn::Conv2d head_ = nullptr;
};

}  // namespace tessera::models
