// SPDX-License-Identifier: Apache-2.0
// The earlier mesh network (Tsuruta, Katsura and Kumagai, JSAI 2022): as DeepCrysTet, with each face's unit
// normal instead of its edge lengths, and wider layers behind.
#pragma once

#include <cstdint>

#include "core/config.hpp"
#include "models/batch.hpp"
#include "models/face_encoder.hpp"
#include "models/row_layer.hpp"

namespace tessera::models {

struct MeshSlidesOptions {
  double dropout = 0.2;            // the source is silent: DeepCrysTet's
  bool symmetric_corners = false;  // also average over the reversed corner order
};

/// [model] dropout, symmetric_corners.
MeshSlidesOptions read_mesh_slides_options(core::ConfigTable model);

/// Faces 256 -> 512 -> 1024 -> 2048, maximum, crystal 2048 -> 1024 -> 512 -> 256 -> outputs.
class MeshSlides : public Network {
 public:
  MeshSlides(const MeshSlidesOptions& options, std::int64_t outputs);
  torch::Tensor forward(const Batch& batch) override;
  Features features() const override { return Features::Mesh; }

 private:
  FaceEncoder face_ = nullptr;
  RowLayer fuse_first_ = nullptr, fuse_second_ = nullptr, fuse_third_ = nullptr;
  torch::nn::Sequential head_ = nullptr;
};

}  // namespace tessera::models
