// SPDX-License-Identifier: Apache-2.0
#include "train/losses/digital_topology.hpp"
#include "train/losses/losses.hpp"

namespace tessera::train::losses {

torch::Tensor critical_bce(const Pixels& pixels) {
  const torch::Tensor critical = for_each_sample(
      {pixels.logits > 0, pixels.truth, pixels.inside},
      [](std::span<const Mask> masks) { return critical_pixels(masks[0], masks[1], masks[2]); });
  return pixels.mean(critical.to(pixels.truth.options()) * pixel_bce(pixels));
}

}  // namespace tessera::train::losses
