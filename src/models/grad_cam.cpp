// SPDX-License-Identifier: Apache-2.0
#include "models/grad_cam.hpp"

#include "core/error.hpp"

namespace tessera::models {

GradCam grad_cam(FeatureMapNetwork& network, const Batch& batch, std::int64_t output, Towards towards) {
  torch::Tensor features;  // (samples, channels, h, w)
  {
    const torch::NoGradGuard no_grad;  // nothing in front of the map is asked for
    features = network.feature_map(batch);
  }
  const torch::AutoGradMode gradients(true);  // also where the caller has them off
  features = features.detach().requires_grad_();
  const torch::Tensor answer = network.answer(features);  // (samples, outputs)
  if (output < 0 || output >= answer.size(1))
    throw core::InputError("the output of a Grad-CAM must be 0 to " + std::to_string(answer.size(1) - 1) +
                           ", got " + std::to_string(output) + ". Choose one of the network's outputs.");
  // A sample's answer depends on its own map alone, so the sum's gradient has each sample's own.
  const torch::Tensor gradient = torch::autograd::grad({answer.select(1, output).sum()}, {features})[0];
  const torch::NoGradGuard no_grad;
  const torch::Tensor alpha = gradient.mean({2, 3}, /*keepdim=*/true);  // (samples, channels, 1, 1)
  const torch::Tensor sum = (alpha * features).sum(1);                  // (samples, h, w)
  return {answer.detach(), torch::relu(towards == Towards::Larger ? sum : -sum)};
}

torch::Tensor over_pixels(const torch::Tensor& map, std::int64_t height, std::int64_t width) {
  return torch::upsample_bilinear2d(map.unsqueeze(1), {height, width}, /*align_corners=*/false).squeeze(1);
}

}  // namespace tessera::models
