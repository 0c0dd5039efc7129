// SPDX-License-Identifier: Apache-2.0
// One layer of untrained filters at several scales (after Ustyuzhaninov, Brendel, Gatys and Bethge 2016, who
// found that texture needs neither depth nor training): random 5 × 5 filters over pictures averaged over 1,
// 2, 4 and 8 px, their taps as far apart, so that the coarsest sees 40 px and any shift of a periodic picture
// shifts its activations alike.
#pragma once

#include <string>
#include <vector>

#include "models/encoders/convolution_stack.hpp"

namespace tessera::models {

/// "scale1", "scale2", "scale4", "scale8".
std::vector<std::string> filter_bank_layers();

class FilterBank : public Encoder {
 public:
  /// Filters of a scale depend on `seed` and the scale alone; no layers named: all.
  FilterBank(const std::vector<std::string>& layers, Padding padding, std::uint64_t seed);

  std::vector<torch::Tensor> activations(const torch::Tensor& pictures) override;
  const std::vector<std::string>& layers() const override { return layers_; }
  void normalise_filters(const torch::Tensor& pictures) override;

 private:
  std::vector<std::string> layers_;
  Padding padding_;
  std::vector<std::int64_t> scales_;  // px, of each layer
  std::vector<Filters> filters_;
};

}  // namespace tessera::models
