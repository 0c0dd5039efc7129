// SPDX-License-Identifier: Apache-2.0
#include "models/batch.hpp"
#include "train/losses/losses.hpp"

namespace tessera::train::losses {
namespace {

torch::Tensor in_full_precision(const torch::Tensor& output) {
  return output.scalar_type() == torch::kDouble ? output : output.to(torch::kFloat);
}

}  // namespace

Pixels::Pixels(const torch::Tensor& output, const torch::Tensor& target) {
  const torch::Tensor all = in_full_precision(output.squeeze(1));
  const torch::Tensor is_inside = target != models::kOutside;
  inside = is_inside.to(all.scalar_type());
  truth = (target == 1).to(all.scalar_type());
  // Chosen, not multiplied: whatever the network says outside, even infinity, leaves no trace.
  logits = torch::where(is_inside, all, torch::zeros_like(all));
  probability = torch::sigmoid(logits) * inside;
}

torch::Tensor sample_sum(const torch::Tensor& values) {
  return values.flatten(1).sum(1);
}

torch::Tensor Pixels::mean(const torch::Tensor& values) const {
  return sample_sum(values) / sample_sum(inside).clamp_min(1);
}

ClassPixels::ClassPixels(const torch::Tensor& output, const torch::Tensor& classes)
    : logits(in_full_precision(output)),
      target(classes),
      inside((classes != models::kOutside).to(logits.scalar_type())) {}

}  // namespace tessera::train::losses
