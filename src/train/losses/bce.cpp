// SPDX-License-Identifier: Apache-2.0
#include "train/losses/losses.hpp"

namespace tessera::train::losses {

torch::Tensor pixel_bce(const Pixels& pixels) {
  return torch::binary_cross_entropy_with_logits(pixels.logits, pixels.truth, {}, {}, at::Reduction::None) *
         pixels.inside;
}

torch::Tensor bce(const Pixels& pixels) {
  return pixels.mean(pixel_bce(pixels));
}

}  // namespace tessera::train::losses
