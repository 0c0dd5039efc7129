// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/correlation_window.hpp"
#include "reconstruction/descriptors.hpp"

namespace tessera::reconstruction {
namespace {

class LinealPathDescriptor final : public Descriptor {
 public:
  explicit LinealPathDescriptor(std::int64_t reach) : reach_(reach) {}

  // Every phase: the second one's path does not tell the first one's.
  torch::Tensor describe(const torch::Tensor& shares) override {
    std::vector<torch::Tensor> paths;
    for (const std::int64_t axis : {2, 3}) {
      auto in_a_row = shares;
      for (std::int64_t z = 1; z <= reach_; ++z) {
        in_a_row = in_a_row * torch::roll(shares, -z, axis);
        paths.push_back(in_a_row.mean(at::IntArrayRef{2, 3}));
      }
    }
    return torch::cat(paths, 1);
  }

 private:
  std::int64_t reach_;
};

}  // namespace

std::unique_ptr<Descriptor> make_lineal_path_descriptor(std::int64_t reach) {
  return std::make_unique<LinealPathDescriptor>(reach);
}

}  // namespace tessera::reconstruction
