// SPDX-License-Identifier: Apache-2.0
// What a training has learnt, to and from the tensors of a checkpoint: weights (the averaged ones where there
// are any), the optimiser's state, and beside an average the raw weights that go on.
#pragma once

#include <torch/torch.h>

#include <optional>
#include <string>

#include "train/checkpoint.hpp"
#include "train/optimizer.hpp"
#include "train/weights.hpp"

namespace tessera::train {

/// All that a step changes; references to what the training owns.
struct ModelParts {
  torch::nn::Module& network;
  const NamedParameters& parameters;
  torch::optim::Optimizer& optimizer;
  std::optional<AveragedWeights>& average;
};

/// Copies on the CPU: the training changes its tensors while these are written.
void store_model(const ModelParts& model, TrainingState& state);

/// Raises DataError naming `source` where a tensor is missing or of another shape.
void load_model(const TrainingState& state, const std::string& source, const ModelParts& model);

}  // namespace tessera::train
