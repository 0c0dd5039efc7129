// SPDX-License-Identifier: Apache-2.0
#include "train/weights.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"

namespace tessera::train {
namespace {

// What a weight file holds of a network, by name.
models::NamedTensors stored_tensors(const torch::nn::Module& network) {
  models::NamedTensors tensors;
  for (const auto& parameter : network.named_parameters()) tensors[parameter.key()] = parameter.value();
  for (const auto& buffer : network.named_buffers())
    if (buffer.value().is_floating_point()) tensors[buffer.key()] = buffer.value();
  return tensors;
}

}  // namespace

NamedParameters trained_parameters(const torch::nn::Module& network) {
  NamedParameters parameters;
  for (const auto& parameter : network.named_parameters())
    if (parameter.value().requires_grad()) parameters.emplace_back(parameter.key(), parameter.value());
  return parameters;
}

torch::Tensor cpu_copy_of(const torch::Tensor& tensor) {
  return tensor.detach().to(torch::TensorOptions(torch::kCPU), /*non_blocking=*/false, /*copy=*/true);
}

models::NamedTensors weights_of(const torch::nn::Module& network) {
  models::NamedTensors weights = stored_tensors(network);
  for (auto& [name, tensor] : weights) tensor = cpu_copy_of(tensor);
  return weights;
}

void load_weights(torch::nn::Module& network, const models::NamedTensors& weights,
                  const std::string& source) {
  const torch::NoGradGuard no_gradients;
  const models::NamedTensors own = stored_tensors(network);
  for (const auto& [name, tensor] : own) {
    const auto found = weights.find(name);
    if (found == weights.end())
      throw core::DataError(fmt::format(
          "{} must hold the tensor {}, it does not. Was it written for another [model]?", source, name));
    if (found->second.sizes() != tensor.sizes())
      throw core::DataError(
          fmt::format("{}: {} must have shape {}, got {}. Was it written for another [model]?", source, name,
                      c10::str(tensor.sizes()), c10::str(found->second.sizes())));
  }
  for (const auto& [name, tensor] : weights)
    if (!own.contains(name) &&
        !name.ends_with("num_batches_tracked"))  // PyTorch stores that count, we do not
      throw core::DataError(fmt::format(
          "{} holds the tensor {}, which the network has not. Was it written for another [model]?", source,
          name));
  for (const auto& [name, tensor] : own) torch::Tensor(tensor).copy_(weights.at(name));
}

AveragedWeights::AveragedWeights(const torch::nn::Module& network, double decay)
    : weights_(stored_tensors(network)), decay_(decay) {
  for (const auto& [name, tensor] : weights_) average_[name] = tensor.detach().clone();
}

void AveragedWeights::update(std::int64_t updates) {
  const torch::NoGradGuard no_gradients;
  const auto age = static_cast<double>(updates);
  const double decay = std::min(decay_, (1 + age) / (10 + age));
  for (auto& [name, tensor] : average_) tensor.lerp_(weights_.at(name), 1.0 - decay);
}

void AveragedWeights::swap() {
  const torch::NoGradGuard no_gradients;
  for (auto& [name, tensor] : average_) {
    const auto kept = weights_.at(name).detach().clone();
    weights_.at(name).copy_(tensor);
    tensor.copy_(kept);
  }
}

void AveragedWeights::load(const models::NamedTensors& average) {
  const torch::NoGradGuard no_gradients;
  for (auto& [name, tensor] : average_) tensor.copy_(average.at(name));
}

}  // namespace tessera::train
