// SPDX-License-Identifier: Apache-2.0
#include "models/cgcnn.hpp"

#include "crystal/element.hpp"
#include "models/element_rows.hpp"
#include "models/gated_messages.hpp"
#include "models/gaussian_basis.hpp"
#include "models/row_batch_norm.hpp"
#include "models/segment.hpp"

namespace tessera::models {

CgcnnOptions read_cgcnn_options(core::ConfigTable model) {
  CgcnnOptions options;
  options.atom_width = model.integer("atom_width", options.atom_width, {1, 4096});
  options.num_convolutions = model.integer("num_convolutions", options.num_convolutions, {1, 64});
  options.hidden_width = model.integer("hidden_width", options.hidden_width, {1, 65536});
  options.num_hidden_layers = model.integer("num_hidden_layers", options.num_hidden_layers, {1, 64});
  return options;
}

CgcnnConvolutionImpl::CgcnnConvolutionImpl(std::int64_t atom_width)
    : fc_full(register_module("fc_full", torch::nn::Linear(2 * atom_width + kNumGaussians, 2 * atom_width))),
      bn1(register_module("bn1", torch::nn::BatchNorm1d(2 * atom_width))),
      bn2(register_module("bn2", torch::nn::BatchNorm1d(atom_width))),
      atom_width_(atom_width) {}

torch::Tensor CgcnnConvolutionImpl::forward(const torch::Tensor& atoms, const torch::Tensor& edges,
                                            const torch::Tensor& neighbor) {
  const torch::Tensor& weight = fc_full->weight;
  const torch::Tensor self = torch::linear(atoms, weight.narrow(1, 0, atom_width_), fc_full->bias);
  const torch::Tensor other = torch::linear(atoms, weight.narrow(1, atom_width_, atom_width_));
  const torch::Tensor edge = torch::linear(edges, weight.narrow(1, 2 * atom_width_, kNumGaussians));
  const torch::Tensor messages = gated_messages(self, other, edge, neighbor, *bn1);  // (atoms, atom_width)
  return torch::softplus(atoms + batch_norm_rows(messages, *bn2, Activation::None));
}

Cgcnn::Cgcnn(const CgcnnOptions& options, std::int64_t outputs)
    : element_features_(element_feature_table()),
      embedding_(
          register_module("embedding", torch::nn::Linear(crystal::kNumAtomFeatures, options.atom_width))),
      convolutions_(register_module("convs", torch::nn::ModuleList())) {
  for (std::int64_t i = 0; i < options.num_convolutions; ++i)
    convolutions_->push_back(CgcnnConvolution(options.atom_width));
  conv_to_fc_ = register_module("conv_to_fc", torch::nn::Linear(options.atom_width, options.hidden_width));
  hidden_ = register_module("fcs", torch::nn::ModuleList());
  for (std::int64_t i = 1; i < options.num_hidden_layers; ++i)
    hidden_->push_back(torch::nn::Linear(options.hidden_width, options.hidden_width));
  fc_out_ = register_module("fc_out", torch::nn::Linear(options.hidden_width, outputs));
  if (outputs > 1) dropout_ = register_module("dropout", torch::nn::Dropout(0.5));
}

torch::Tensor Cgcnn::forward(const Batch& batch) {
  const GraphBatch& graph = batch.graph;
  element_features_ = element_features_.to(graph.element.device(), embedding_->weight.scalar_type());
  const torch::Tensor edges =
      gaussian_basis(graph.distance).to(embedding_->weight.scalar_type());  // (atoms · neighbors, 41)
  torch::Tensor atoms = embedding_(element_features_).index_select(0, graph.element);  // (atoms, atom_width)
  for (const auto& convolution : *convolutions_)
    atoms = convolution->as<CgcnnConvolutionImpl>()->forward(atoms, edges, graph.neighbor);
  torch::Tensor crystals = segment_mean(atoms, graph.sample, batch.num_samples);  // (samples, atom_width)
  crystals = torch::softplus(conv_to_fc_(torch::softplus(crystals)));
  if (dropout_) crystals = dropout_(crystals);
  for (const auto& layer : *hidden_)
    crystals = torch::softplus(layer->as<torch::nn::LinearImpl>()->forward(crystals));
  return fc_out_(crystals);
}

}  // namespace tessera::models
