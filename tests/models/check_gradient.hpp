// SPDX-License-Identifier: Apache-2.0
// Autograd against central differences in float64, for any function of tensors.
#pragma once

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace tessera::test {

/// The gradient of a random projection of `function` agrees with (f(x + h) - f(x - h)) / 2h for each entry of
/// each input. Inputs are float64 leaves; `function` must give the same at each call.
inline void expect_gradient_of_differences(const std::function<torch::Tensor()>& function,
                                           std::vector<torch::Tensor> inputs) {
  for (torch::Tensor& input : inputs) {
    input.requires_grad_(true);
    input.mutable_grad() = torch::Tensor();
  }
  const torch::Tensor result = function();
  const torch::Tensor projection = torch::randn_like(result.detach());
  (result * projection).sum().backward();

  const torch::NoGradGuard no_grad;
  const double h = 1e-6;
  for (std::size_t n = 0; n < inputs.size(); ++n) {
    ASSERT_TRUE(inputs[n].grad().defined()) << "input " << n << " got no gradient";
    const torch::Tensor gradient = inputs[n].grad().contiguous();
    torch::Tensor flat = inputs[n].view(-1);
    for (std::int64_t k = 0; k < flat.numel(); ++k) {
      const double value = flat[k].item<double>();
      flat[k] = value + h;
      const double above = (function() * projection).sum().item<double>();
      flat[k] = value - h;
      const double below = (function() * projection).sum().item<double>();
      flat[k] = value;
      const double difference = (above - below) / (2 * h);
      // Central differences leave h² and rounding, 1e-16 / h.
      EXPECT_NEAR(gradient.view(-1)[k].item<double>(), difference, 1e-6 * std::max(1.0, std::abs(difference)))
          << "input " << n << ", entry " << k;
    }
  }
}

}  // namespace tessera::test
