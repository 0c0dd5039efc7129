// SPDX-License-Identifier: Apache-2.0
// CGCNN (Xie and Grossman, PRL 120, 145301, 2018) as released. Parameters carry the published names: a
// published state dict, stored as safetensors, fits tensor for tensor. The product with an edge's 169 numbers
// is split into one product for each atom as centre, one as neighbour and one with the edge's own 41 numbers:
// the same sum, a third of the work.
#pragma once

#include <cstdint>

#include "core/config.hpp"
#include "models/batch.hpp"

namespace tessera::models {

struct CgcnnOptions {
  std::int64_t atom_width = 64;
  std::int64_t num_convolutions = 3;
  std::int64_t hidden_width = 128;
  std::int64_t num_hidden_layers = 1;
};

/// [model] atom_width, num_convolutions, hidden_width, num_hidden_layers.
CgcnnOptions read_cgcnn_options(core::ConfigTable model);

/// v_i + gated messages, through a softplus.
class CgcnnConvolutionImpl : public torch::nn::Module {
 public:
  explicit CgcnnConvolutionImpl(std::int64_t atom_width);

  /// atoms: (atoms, atom_width); edges: (atoms · neighbors, 41); neighbor: (atoms, neighbors) int64.
  torch::Tensor forward(const torch::Tensor& atoms, const torch::Tensor& edges,
                        const torch::Tensor& neighbor);

  torch::nn::Linear fc_full = nullptr;  // columns: own vector, neighbour's vector, edge
  torch::nn::BatchNorm1d bn1 = nullptr, bn2 = nullptr;

 private:
  std::int64_t atom_width_;
};
TORCH_MODULE(CgcnnConvolution);

/// One output: regression. More: class scores before the softmax, with the published dropout of 0.5.
class Cgcnn : public Network {
 public:
  Cgcnn(const CgcnnOptions& options, std::int64_t outputs);
  torch::Tensor forward(const Batch& batch) override;
  Features features() const override { return Features::Graph; }

 private:
  torch::Tensor element_features_;  // (101, 92), no parameter: not stored with the weights
  torch::nn::Linear embedding_ = nullptr;
  torch::nn::ModuleList convolutions_ = nullptr;
  torch::nn::Linear conv_to_fc_ = nullptr;
  torch::nn::ModuleList hidden_ = nullptr;
  torch::nn::Linear fc_out_ = nullptr;
  torch::nn::Dropout dropout_ = nullptr;
};

}  // namespace tessera::models
