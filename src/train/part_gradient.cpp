// SPDX-License-Identifier: Apache-2.0
#include "train/part_gradient.hpp"

namespace tessera::train {

double add_part_gradient(models::Network& network, const Task& task, const models::Batch& batch,
                         std::int64_t global_samples, std::uint64_t stream, bool bf16) {
  torch::manual_seed(stream);
  torch::Tensor loss;
  {
    const AutocastScope autocast(bf16, batch.target.device());
    loss = task.loss()(network.forward(batch), batch.target) / static_cast<double>(global_samples);
  }
  loss.backward();
  return loss.item<double>();
}

}  // namespace tessera::train
