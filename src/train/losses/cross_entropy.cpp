// SPDX-License-Identifier: Apache-2.0
#include "models/batch.hpp"
#include "train/losses/losses.hpp"

namespace tessera::train::losses {

torch::Tensor cross_entropy(const ClassPixels& pixels) {
  const torch::Tensor values = torch::nll_loss2d(torch::log_softmax(pixels.logits, 1), pixels.target, {},
                                                 at::Reduction::None, models::kOutside);
  return sample_sum(values) / sample_sum(pixels.inside).clamp_min(1);
}

torch::Tensor class_dice(const ClassPixels& pixels, double epsilon) {
  const std::int64_t classes = pixels.logits.size(1);
  const torch::Tensor inside = pixels.inside.unsqueeze(1);
  const torch::Tensor probability = torch::softmax(pixels.logits, 1) * inside;
  const torch::Tensor numbers = torch::arange(classes, pixels.target.options()).view({1, classes, 1, 1});
  const torch::Tensor truth = (pixels.target.unsqueeze(1) == numbers).to(probability.scalar_type());
  const torch::Tensor overlap = (probability * truth).sum({2, 3});  // (samples, classes)
  const torch::Tensor total = (probability + truth).sum({2, 3});
  return (1 - (2 * overlap + epsilon) / (total + epsilon)).mean(1);
}

}  // namespace tessera::train::losses
