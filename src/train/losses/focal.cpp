// SPDX-License-Identifier: Apache-2.0
#include "train/losses/losses.hpp"

namespace tessera::train::losses {

torch::Tensor focal(const Pixels& pixels, double gamma, double alpha) {
  const torch::Tensor wrong =
      pixels.probability * (1 - pixels.truth) + (1 - pixels.probability) * pixels.truth;
  const torch::Tensor weight = alpha * pixels.truth + (1 - alpha) * (1 - pixels.truth);
  return pixels.mean(weight * wrong.pow(gamma) * pixel_bce(pixels));
}

}  // namespace tessera::train::losses
