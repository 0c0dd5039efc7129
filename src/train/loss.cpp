// SPDX-License-Identifier: Apache-2.0
#include "train/loss.hpp"

#include "core/error.hpp"

namespace tessera::train {
namespace {

namespace functional = torch::nn::functional;

// (samples, 1) → (samples): the target has no second dimension, and broadcasting would pair all with all.
torch::Tensor column(const torch::Tensor& output) {
  return output.squeeze(1).to(torch::kFloat32);
}

}  // namespace

const std::vector<std::string>& regression_losses() {
  static const std::vector<std::string> names{"mse", "l1", "huber"};
  return names;
}

const std::vector<std::string>& classification_losses() {
  static const std::vector<std::string> names{"cross_entropy"};
  return names;
}

Loss make_loss(const std::string& name) {
  if (name == "mse")
    return [](const torch::Tensor& output, const torch::Tensor& target) {
      return functional::mse_loss(column(output), target, functional::MSELossFuncOptions(torch::kSum));
    };
  if (name == "l1")
    return [](const torch::Tensor& output, const torch::Tensor& target) {
      return functional::l1_loss(column(output), target, functional::L1LossFuncOptions(torch::kSum));
    };
  if (name == "huber")
    return [](const torch::Tensor& output, const torch::Tensor& target) {
      return functional::huber_loss(column(output), target,
                                    functional::HuberLossFuncOptions().reduction(torch::kSum));
    };
  if (name == "cross_entropy")
    return [](const torch::Tensor& output, const torch::Tensor& target) {
      return functional::cross_entropy(output.to(torch::kFloat32), target,
                                       functional::CrossEntropyFuncOptions().reduction(torch::kSum));
    };
  throw core::InternalError("no loss is named " + name);
}

}  // namespace tessera::train
