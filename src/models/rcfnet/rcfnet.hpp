// SPDX-License-Identifier: Apache-2.0
// RCFNet (Chen, Han, Song, Zeng and Han 2024, J. Eur. Ceram. Soc. 44, 7254): a property of a micrograph from
// two looks at it, BoT-50's at the whole and ConvNeXt-T's at the neighbourhood, merged at four resolutions.
// Its released form has the public code's slips, to compare with: the transposed term of position and no
// scale in the attention, a sigmoid taken twice, modules that no input reaches, convolutions of deviation
// 0.2, and inputs divided by 255 where they lay in 0 … 1 already. The repaired form has none of them, and no
// biases that a norm takes out again. The local and the global map share their first gate in both.
#pragma once

#include <cstdint>

#include "core/config.hpp"
#include "models/feature_map_network.hpp"
#include "models/rcfnet/botnet_branch.hpp"
#include "models/rcfnet/convnext_branch.hpp"

namespace tessera::models {

struct RcfNetOptions {
  RcfNetForm form = RcfNetForm::Repaired;
  double width = 1;          // share of the published channels; rounded to multiples of 8
  std::int64_t input = 224;  // px, side of the square images; a multiple of 32
  double drop_path = 0.1;    // of the local branch's last block; released: 0
  double dropout = 0;        // of channels of the merged maps
};

/// [model] form = "repaired" or "released", width of 0.125 to 2, input, drop_path, dropout.
RcfNetOptions read_rcfnet_options(core::ConfigTable model);

/// Grey levels go in three times, as colours. The feature map is that of the last merge, (samples, 768 ·
/// width, input / 32, input / 32).
class RcfNet : public FeatureMapNetwork {
 public:
  RcfNet(const RcfNetOptions& options, std::int64_t outputs);
  /// Raises InputError for images of another size than `input`.
  torch::Tensor feature_map(const Batch& batch) override;
  torch::Tensor answer(const torch::Tensor& feature_map) override;

 private:
  RcfNetOptions options_;
  BotnetBranch global_ = nullptr;
  ConvNextBranch local_ = nullptr;
  torch::nn::ModuleList merges_ = nullptr;  // 4, from the finest
  torch::nn::LayerNorm norm_ = nullptr;
  torch::nn::Linear head_ = nullptr;
};

}  // namespace tessera::models
