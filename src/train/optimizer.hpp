// SPDX-License-Identifier: Apache-2.0
// LibTorch's optimisers behind the names of a configuration, with their state as named tensors, so that a
// checkpoint opens in any safetensors reader and goes on with any number of ranks.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/safetensors.hpp"

namespace tessera::train {

struct OptimizerOptions {
  std::string name = "adam";  // sgd, momentum, adam, adamw
  double momentum = 0.9;      // of `momentum`; `sgd` has none
  double weight_decay = 0;    // L2 in sgd, momentum and adam; decoupled in adamw
};

using NamedParameters = std::vector<std::pair<std::string, torch::Tensor>>;

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const OptimizerOptions& options,
                                                        const NamedParameters& parameters);

void set_learning_rate(torch::optim::Optimizer& optimizer, double rate);

/// "<parameter>.momentum", "<parameter>.exp_avg", … ; empty before the first step.
models::NamedTensors optimizer_state(const torch::optim::Optimizer& optimizer,
                                     const NamedParameters& parameters);

/// Raises DataError where a tensor is missing or of another shape.
void load_optimizer_state(torch::optim::Optimizer& optimizer, const NamedParameters& parameters,
                          const models::NamedTensors& state);

}  // namespace tessera::train
