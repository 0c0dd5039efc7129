// SPDX-License-Identifier: Apache-2.0
#include "train/model_state.hpp"

namespace tessera::train {
namespace {

constexpr std::string_view kOptimizer = "optimizer.", kRaw = "raw.";

}  // namespace

void store_model(const ModelParts& model, TrainingState& state) {
  state.weights = weights_of(model.network);
  state.state.clear();
  for (const auto& [name, tensor] : optimizer_state(model.optimizer, model.parameters))
    state.state[std::string(kOptimizer) + name] = cpu_copy_of(tensor);
  if (!model.average) return;
  for (const auto& [name, tensor] : model.average->average()) {
    state.state[std::string(kRaw) + name] = state.weights.at(name);
    state.weights[name] = cpu_copy_of(tensor);
  }
}

void load_model(const TrainingState& state, const std::string& source, const ModelParts& model) {
  models::NamedTensors optimizer, weights = state.weights;
  for (const auto& [key, tensor] : state.state) {
    if (key.starts_with(kOptimizer)) optimizer[key.substr(kOptimizer.size())] = tensor;
    if (key.starts_with(kRaw)) weights[key.substr(kRaw.size())] = tensor;
  }
  load_weights(model.network, weights, source);
  if (model.average) model.average->load(state.weights);
  load_optimizer_state(model.optimizer, model.parameters, optimizer);
}

}  // namespace tessera::train
