// SPDX-License-Identifier: Apache-2.0
#include "models/mesh_slides.hpp"

namespace tessera::models {

MeshSlidesOptions read_mesh_slides_options(core::ConfigTable model) {
  MeshSlidesOptions options;
  options.dropout = model.number("dropout", options.dropout, {0, 0.99});
  options.symmetric_corners = model.boolean("symmetric_corners", options.symmetric_corners);
  return options;
}

MeshSlides::MeshSlides(const MeshSlidesOptions& options, std::int64_t outputs)
    : face_(register_module("face", FaceEncoder(options.symmetric_corners))),
      fuse_first_(register_module("fuse_first", RowLayer(FaceEncoderImpl::kOutputWidth, 512))),
      fuse_second_(register_module("fuse_second", RowLayer(512, 1024))),
      fuse_third_(register_module("fuse_third", RowLayer(1024, 2048))),
      head_(register_module(
          "head",
          torch::nn::Sequential(RowLayer(2048, 1024), torch::nn::Dropout(options.dropout),
                                RowLayer(1024, 512), torch::nn::Dropout(options.dropout), RowLayer(512, 256),
                                torch::nn::Dropout(options.dropout), torch::nn::Linear(256, outputs)))) {}

torch::Tensor MeshSlides::forward(const Batch& batch) {
  const MeshBatch& mesh = batch.mesh;
  const torch::Tensor faces = fuse_second_(fuse_first_(face_(mesh, mesh.normal)));  // (faces, 1024)
  return head_->forward(fuse_third_->forward_max(faces, mesh.sample, batch.num_samples));
}

}  // namespace tessera::models
