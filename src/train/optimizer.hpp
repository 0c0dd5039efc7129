// SPDX-License-Identifier: Apache-2.0
// LibTorch's optimisers behind the names of a configuration, with their state as named tensors, so that a
// checkpoint opens in any safetensors reader and goes on with any number of ranks.
#pragma once

#include <torch/torch.h>

#include <functional>
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

/// Parameters that learn at one share of the schedule's rate.
struct ParameterGroup {
  double rate_factor = 1;
  NamedParameters parameters;
};

/// A group for each factor, in the order in which the parameters have them.
std::vector<ParameterGroup> group_by_rate(const NamedParameters& parameters,
                                          const std::function<double(const std::string&)>& rate_factor);

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const OptimizerOptions& options,
                                                        const std::vector<ParameterGroup>& groups);

/// Of each group its share of `rate`; `groups` are those the optimiser was made of.
void set_learning_rate(torch::optim::Optimizer& optimizer, const std::vector<ParameterGroup>& groups,
                       double rate);

/// "<parameter>.momentum", "<parameter>.exp_avg", … ; empty before the first step. Groups leave no trace.
models::NamedTensors optimizer_state(const torch::optim::Optimizer& optimizer,
                                     const NamedParameters& parameters);

/// Raises DataError where a tensor is missing or of another shape.
void load_optimizer_state(torch::optim::Optimizer& optimizer, const NamedParameters& parameters,
                          const models::NamedTensors& state);

}  // namespace tessera::train
