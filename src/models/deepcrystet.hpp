// SPDX-License-Identifier: Apache-2.0
// DeepCrysTet (Tsuruta, Katsura and Kumagai, ICMLA 2023) as released: features of each face of a crystal's
// Delaunay tetrahedra, their maximum over the crystal, a head of fully connected layers.
#pragma once

#include <cstdint>

#include "core/config.hpp"
#include "models/batch.hpp"
#include "models/face_encoder.hpp"
#include "models/row_layer.hpp"

namespace tessera::models {

struct DeepCrysTetOptions {
  std::int64_t embedding = 1024;  // features of a crystal: each face gives as many, of which the largest stay
  double dropout = 0.2;
  bool relu_before_max = false;    // the released network has none
  bool symmetric_corners = false;  // also average over the reversed corner order
};

/// [model] embedding, dropout, relu_before_max, symmetric_corners.
DeepCrysTetOptions read_deepcrystet_options(core::ConfigTable model);

class DeepCrysTet : public Network {
 public:
  DeepCrysTet(const DeepCrysTetOptions& options, std::int64_t outputs);
  torch::Tensor forward(const Batch& batch) override;
  Features features() const override { return Features::Mesh; }

 private:
  FaceEncoder face_ = nullptr;
  RowLayer fuse_first_ = nullptr, fuse_second_ = nullptr;
  torch::nn::Sequential head_ = nullptr;
};

}  // namespace tessera::models
