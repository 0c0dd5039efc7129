// SPDX-License-Identifier: Apache-2.0
// Batch-norm statistics over ranks. Each part of a global batch moves the running statistics on from the same
// start; the step's result is their mean weighted by samples, so that every rank holds the same ones after
// every step and a checkpoint knows nothing of ranks.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace tessera::train {

class RunningStatistics {
 public:
  explicit RunningStatistics(const torch::nn::Module& network);

  std::int64_t size() const { return size_; }  // numbers in all
  /// Sets every statistic from `values` (size), laid out in the order of the buffers.
  void set(const torch::Tensor& values);
  /// (size) float32 copy.
  torch::Tensor get() const;

 private:
  // Those that batch norm moves: a count of batches is no statistic, and a mean that pictures are centred by
  // is fixed, which rounded averages of itself would not be.
  std::vector<torch::Tensor> buffers_;
  std::int64_t size_ = 0;
};

}  // namespace tessera::train
