// SPDX-License-Identifier: Apache-2.0
// PointNet (Qi et al., CVPR 2017) over a crystal's atoms, without its T-Nets: the baseline that sees the same
// atoms as the mesh networks but no faces.
#pragma once

#include <cstdint>

#include "core/config.hpp"
#include "models/batch.hpp"
#include "models/row_layer.hpp"

namespace tessera::models {

struct PointNetOptions {
  double dropout = 0.3;
};

/// [model] dropout.
PointNetOptions read_pointnet_options(core::ConfigTable model);

/// Points 95 (position, 92 atom bits) -> 64 -> 64 -> 128 -> 1024, maximum and mean side by side, crystal 2048
/// -> 512 -> 256 -> outputs.
class PointNet : public Network {
 public:
  PointNet(const PointNetOptions& options, std::int64_t outputs);
  torch::Tensor forward(const Batch& batch) override;
  Features features() const override { return Features::Points; }

 private:
  torch::Tensor element_features_;  // (101, 92)
  torch::nn::Sequential point_ = nullptr;
  torch::nn::Sequential head_ = nullptr;
};

}  // namespace tessera::models
