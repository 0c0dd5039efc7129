// SPDX-License-Identifier: Apache-2.0
#include "microstructure/skeleton.hpp"
#include "train/losses/digital_topology.hpp"
#include "train/losses/losses.hpp"

namespace tessera::train::losses {
namespace {

// The truth's pixels at most two steps from its skeleton: (samples, height, width).
torch::Tensor tube_of(const Pixels& pixels) {
  torch::Tensor tube = for_each_sample({pixels.truth}, [](std::span<const Mask> masks) {
                         return microstructure::boundary_skeleton(masks[0]);
                       }).to(pixels.truth.options());
  for (int step = 0; step < 2; ++step) {
    const torch::Tensor rows = torch::max_pool2d(tube, {3, 1}, {1, 1}, {1, 0});
    tube = torch::maximum(rows, torch::max_pool2d(tube, {1, 3}, {1, 1}, {0, 1}));
  }
  return tube * pixels.truth;
}

}  // namespace

torch::Tensor skeleton_recall(const Pixels& pixels) {
  constexpr double kSmooth = 1e-5;  // as published
  const torch::Tensor tube = tube_of(pixels);
  return 1 - (sample_sum(pixels.probability * tube) + kSmooth) / (sample_sum(tube) + kSmooth);
}

}  // namespace tessera::train::losses
