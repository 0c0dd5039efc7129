// SPDX-License-Identifier: Apache-2.0
#include "train/buffers.hpp"

namespace tessera::train {

RunningStatistics::RunningStatistics(const torch::nn::Module& network) {
  for (const auto& buffer : network.named_buffers()) {
    if (!buffer.key().ends_with("running_mean") && !buffer.key().ends_with("running_var")) continue;
    buffers_.push_back(buffer.value());
    size_ += buffer.value().numel();
  }
}

void RunningStatistics::set(const torch::Tensor& values) {
  const torch::NoGradGuard no_gradients;
  std::int64_t begin = 0;
  for (auto& buffer : buffers_) {
    buffer.copy_(values.narrow(0, begin, buffer.numel()).view_as(buffer));
    begin += buffer.numel();
  }
}

torch::Tensor RunningStatistics::get() const {
  std::vector<torch::Tensor> flat;
  for (const auto& buffer : buffers_) flat.push_back(buffer.detach().reshape(-1).to(torch::kFloat32));
  return flat.empty() ? torch::empty({0}) : torch::cat(flat);
}

}  // namespace tessera::train
