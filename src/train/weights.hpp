// SPDX-License-Identifier: Apache-2.0
// A network's weights as named tensors: parameters and batch-norm statistics, under LibTorch's own names,
// which are those a Python module of the same layout has.
#pragma once

#include <torch/torch.h>

#include "models/safetensors.hpp"
#include "train/optimizer.hpp"

namespace tessera::train {

/// Those that ask for a gradient: what an optimiser changes and ranks exchange.
NamedParameters trained_parameters(const torch::nn::Module& network);

/// On the CPU and of its own, by one copy wherever it lies.
torch::Tensor cpu_copy_of(const torch::Tensor& tensor);

/// Copies on the CPU, parameters and floating-point buffers (a count of batches is no weight).
models::NamedTensors weights_of(const torch::nn::Module& network);

/// Raises DataError naming the first tensor that is missing, of another shape, or unknown to the network. The
/// counts of batches that a PyTorch state dict holds beside its batch-norm statistics are passed over.
void load_weights(torch::nn::Module& network, const models::NamedTensors& weights, const std::string& source);

/// Exponential moving average of the weights (Polyak and Juditsky 1992), evaluated in their place. Batch-norm
/// statistics are averaged with the parameters: those of the last few batches do not fit averaged parameters,
/// and make a validation error jump from epoch to epoch where a batch holds an outlier.
class AveragedWeights {
 public:
  AveragedWeights(const torch::nn::Module& network, double decay);
  /// `updates`: how many there were before. Young averages forget faster, with a decay of (1 + n) / (10 + n)
  /// where that is less, as TensorFlow's do: else the weights that training began with would stand in them
  /// for long.
  void update(std::int64_t updates);
  /// Exchanges the average and the network's weights; called twice, all is as before.
  void swap();
  const models::NamedTensors& average() const { return average_; }
  void load(const models::NamedTensors& average);

 private:
  models::NamedTensors weights_, average_;
  double decay_;
};

}  // namespace tessera::train
