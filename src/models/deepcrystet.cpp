// SPDX-License-Identifier: Apache-2.0
#include "models/deepcrystet.hpp"

namespace tessera::models {

DeepCrysTetOptions read_deepcrystet_options(core::ConfigTable model) {
  DeepCrysTetOptions options;
  options.embedding = model.integer("embedding", options.embedding, {1, 1 << 16});
  options.dropout = model.number("dropout", options.dropout, {0, 0.99});
  options.relu_before_max = model.boolean("relu_before_max", options.relu_before_max);
  options.symmetric_corners = model.boolean("symmetric_corners", options.symmetric_corners);
  return options;
}

DeepCrysTet::DeepCrysTet(const DeepCrysTetOptions& options, std::int64_t outputs)
    : face_(register_module("face", FaceEncoder(options.symmetric_corners))),
      fuse_first_(register_module("fuse_first", RowLayer(FaceEncoderImpl::kOutputWidth, 512))),
      fuse_second_(register_module(
          "fuse_second",
          RowLayer(512, options.embedding, options.relu_before_max ? Activation::Relu : Activation::None))),
      head_(register_module(
          "head", torch::nn::Sequential(RowLayer(options.embedding, 512), torch::nn::Dropout(options.dropout),
                                        RowLayer(512, 256), torch::nn::Dropout(options.dropout),
                                        torch::nn::Linear(256, outputs)))) {}

torch::Tensor DeepCrysTet::forward(const Batch& batch) {
  const MeshBatch& mesh = batch.mesh;
  const torch::Tensor faces = fuse_first_(face_(mesh, mesh.edge));  // (faces, 512)
  return head_->forward(fuse_second_->forward_max(faces, mesh.sample, batch.num_samples));
}

}  // namespace tessera::models
