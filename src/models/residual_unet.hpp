// SPDX-License-Identifier: Apache-2.0
// The residual U-Net for grain boundaries (IHI Engineering Review: U-Net of Ronneberger et al. 2015, maps
// added instead of joined at the skips, residual blocks of He et al. 2016 inside the levels). `depth` counts
// the levels of resolution, `layer` the layers of a level with its input: layer − 1 convolutions, every two
// of them with a residual skip around.
#pragma once

#include <cstdint>
#include <string>

#include "core/config.hpp"
#include "models/batch.hpp"
#include "models/conv_norm.hpp"

namespace tessera::models {

/// How the encoder's map reaches the decoder's level.
enum class LevelSkip { Add, Concatenate, None };

struct ResidualUnetOptions {
  std::int64_t depth = 4;
  std::int64_t layer = 2;
  std::int64_t base_width = 16;  // channels of the first level; each level down doubles them
  LevelSkip skip = LevelSkip::Add;
  Norm norm = Norm::Batch;
};

/// [model] depth, layer, base_width, skip = "add", "concatenate" or "none", norm = "batch", "group" or
/// "instance".
ResidualUnetOptions read_residual_unet_options(core::ConfigTable model);

/// layer − 1 convolutions 3×3; around the first two a 1×1 projection where the channels change.
class UnetLevelImpl : public torch::nn::Module {
 public:
  UnetLevelImpl(std::int64_t in, std::int64_t out, std::int64_t layer, Norm norm);
  /// (samples, in, height, width) -> (samples, out, height, width)
  torch::Tensor forward(const torch::Tensor& images);

 private:
  torch::nn::ModuleList convs_ = nullptr;
  torch::nn::Conv2d projection_ = nullptr;
};
TORCH_MODULE(UnetLevel);

/// Images of any size: one that 2^(depth − 1) does not divide is continued by reflection below and to the
/// right, and the result cut back.
class ResidualUnet : public Network {
 public:
  ResidualUnet(const ResidualUnetOptions& options, std::int64_t outputs);
  torch::Tensor forward(const Batch& batch) override;
  Features features() const override { return Features::Image; }
  bool is_of_pixels() const override { return true; }

 private:
  LevelSkip skip_;
  torch::nn::ModuleList encoder_ = nullptr;  // depth levels, from the finest
  torch::nn::ModuleList up_ = nullptr;  // depth − 1 transposed convolutions to the level of the same index
  torch::nn::ModuleList decoder_ = nullptr;  // depth − 1 levels
  torch::nn::Conv2d head_ = nullptr;
};

}  // namespace tessera::models
