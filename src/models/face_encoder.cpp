// SPDX-License-Identifier: Apache-2.0
#include "models/face_encoder.hpp"

#include "crystal/element.hpp"
#include "models/element_rows.hpp"

namespace tessera::models {

FaceEncoderImpl::FaceEncoderImpl(bool symmetric_corners)
    : element_features_(element_feature_table()),
      center_(register_module("center", row_layers({3, 16, 32}))),
      shape_(register_module("shape", row_layers({3, 16, 32}))),
      corner_(register_module("corner", FaceRotateConvolution(symmetric_corners))),
      atom_first_(
          register_module("atom_first", RowLayer(crystal::kNumAtomFeatures, crystal::kNumAtomFeatures))),
      atom_second_(register_module("atom_second", RowLayer(crystal::kNumAtomFeatures, 128))) {}

torch::Tensor FaceEncoderImpl::forward(const MeshBatch& mesh, const torch::Tensor& shape) {
  const torch::Tensor& weight = atom_first_->linear->weight;
  element_features_ = element_features_.to(mesh.element.device(), weight.scalar_type());
  // The linear map of the corners' mean bits is the mean of the linear maps of the elements' bits.
  const torch::Tensor atoms =
      mean_of_rows(atom_first_->linear(element_features_), mesh.element);  // (faces, 92)
  return torch::cat({center_->forward(mesh.center), shape_->forward(shape), corner_(mesh.corner),
                     atom_second_(atom_first_->normalise(atoms))},
                    1);
}

}  // namespace tessera::models
