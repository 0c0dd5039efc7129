// SPDX-License-Identifier: Apache-2.0
#include "train/losses/losses.hpp"

namespace tessera::train::losses {

torch::Tensor dice(const Pixels& pixels, double epsilon) {
  const torch::Tensor overlap = sample_sum(pixels.probability * pixels.truth);
  const torch::Tensor total = sample_sum(pixels.probability) + sample_sum(pixels.truth);
  return 1 - (2 * overlap + epsilon) / (total + epsilon);
}

}  // namespace tessera::train::losses
