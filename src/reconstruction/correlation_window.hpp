// SPDX-License-Identifier: Apache-2.0
// Periodic autocorrelation of fields, as gradients pass through it.
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace tessera::reconstruction {

/// Of two phases the second tells all; of more each does. (planes, phases, …) → (planes, told phases, …).
torch::Tensor told_phases(const torch::Tensor& shares);

/// The vectors up to `reach` cells long, one of each pair v, −v, that fit into half the plane.
class CorrelationWindow {
 public:
  explicit CorrelationWindow(std::int64_t reach) : reach_(reach) {}
  /// (…, rows, columns) float64 → (…, vectors): the mean over places of the product of two places so far
  /// apart. Planes smaller than twice the reach raise InternalError.
  torch::Tensor correlations(const torch::Tensor& fields);

 private:
  std::int64_t reach_;
  std::int64_t rows_ = 0, columns_ = 0;  // of the planes that `vectors_` are places in
  torch::Tensor vectors_;
};

}  // namespace tessera::reconstruction
