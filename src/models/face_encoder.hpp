// SPDX-License-Identifier: Apache-2.0
// A triangular face as 256 features: where it lies, its shape, its corners in any rotation, its atoms. Both
// published mesh networks begin with it and differ in what tells the shape.
#pragma once

#include <torch/torch.h>

#include <cstdint>

#include "models/batch.hpp"
#include "models/face_rotate_convolution.hpp"
#include "models/row_layer.hpp"

namespace tessera::models {

/// Centre 3 -> 16 -> 32, shape 3 -> 16 -> 32, corners -> 64 by face rotate convolution, atoms 92 -> 92 ->
/// 128.
class FaceEncoderImpl : public torch::nn::Module {
 public:
  static constexpr std::int64_t kOutputWidth = 256;

  explicit FaceEncoderImpl(bool symmetric_corners);

  /// `shape`: (faces, 3), the mesh's edge lengths or normals. Gives (faces, 256).
  torch::Tensor forward(const MeshBatch& mesh, const torch::Tensor& shape);

 private:
  torch::Tensor element_features_;  // (101, 92)
  torch::nn::Sequential center_ = nullptr, shape_ = nullptr;
  FaceRotateConvolution corner_ = nullptr;
  RowLayer atom_first_ = nullptr, atom_second_ = nullptr;
};
TORCH_MODULE(FaceEncoder);

}  // namespace tessera::models
