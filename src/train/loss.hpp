// SPDX-License-Identifier: Apache-2.0
// What training makes small. Every loss is the SUM over samples: the parts of a global batch, on however many
// ranks, then add up to the same number, and only the trainer divides by the global count.
#pragma once

#include <torch/torch.h>

#include <functional>
#include <string>
#include <vector>

namespace tessera::train {

/// (prediction, target) → scalar sum over samples.
using Loss = std::function<torch::Tensor(const torch::Tensor& output, const torch::Tensor& target)>;

/// On standardised targets: mse, l1, huber (δ = 1).
const std::vector<std::string>& regression_losses();
/// On class numbers: cross_entropy.
const std::vector<std::string>& classification_losses();

/// Raises InternalError for a name in neither list.
Loss make_loss(const std::string& name);

}  // namespace tessera::train
