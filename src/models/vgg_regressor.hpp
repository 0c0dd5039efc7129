// SPDX-License-Identifier: Apache-2.0
// A number of an image by the pruned encoder of its reconstruction (Li et al. 2018, "A transfer learning
// approach for microstructure reconstruction and structure-property predictions"): the means of the deepest
// layer kept, and two fully connected layers behind them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/config.hpp"
#include "models/encoders/encoder.hpp"
#include "models/feature_map_network.hpp"
#include "models/safetensors.hpp"

namespace tessera::models {

/// How much of the encoder learns: nothing, its last block (conv4_1 … conv4_4, a fire, a scale), everything.
enum class TrainedPart { Head, TopBlock, All };

struct VggRegressorOptions {
  /// Of EncoderOptions, or "scratch": VGG-19 with fresh weights.
  std::string encoder = "vgg19";
  std::filesystem::path encoder_folder = "encoders";
  /// The deepest one kept; empty: conv4_4 of VGG-19, of others what they give by themselves. Of "filters" all
  /// scales up to it.
  std::string last_layer;
  std::int64_t base_width =
      64;  // of "scratch": channels of the first block; up to eight times that in the last
  std::int64_t hidden_width = 512;
  double dropout = 0;
  TrainedPart trained = TrainedPart::TopBlock;
  double encoder_rate = 0.1;  // share of the learning rate that the encoder learns at
};

/// [model] encoder, encoder_folder, last_layer, base_width (of encoder = "scratch"), hidden_width, dropout,
/// trained = "head", "top_block" or "all", encoder_rate. From scratch all is trained at the full rate unless
/// said otherwise.
VggRegressorOptions read_vgg_regressor_options(core::ConfigTable model);

class VggRegressor : public FeatureMapNetwork {
 public:
  /// With `weights`, which are to be loaded next, the encoder takes its shape from those and needs no file of
  /// its own: a trained network can be used where its encoder's weights are not. Raises InputError as
  /// make_encoder does.
  VggRegressor(const VggRegressorOptions& options, std::int64_t outputs,
               const NamedTensors* weights = nullptr);

  /// (samples, channels, h, w), after its ReLU.
  torch::Tensor feature_map(const Batch& batch) override;
  /// (samples, outputs)
  torch::Tensor answer(const torch::Tensor& map) override;
  double learning_rate_factor(const std::string& parameter) const override;

 private:
  std::shared_ptr<Encoder> encoder_;
  torch::nn::Linear hidden_ = nullptr, output_ = nullptr;
  torch::nn::Dropout dropout_ = nullptr;
  double contrast_;  // of the encoder's pictures: what a deviation of the grey levels is, in shares of white
  double encoder_rate_;
  bool is_frozen_;
};

}  // namespace tessera::models
