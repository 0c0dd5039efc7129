// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/descriptors.hpp"

namespace tessera::reconstruction {
namespace {

class SharpnessDescriptor final : public Descriptor {
 public:
  torch::Tensor describe(const torch::Tensor& shares) override {
    return shares.square().sum(1).mean(at::IntArrayRef{1, 2}).unsqueeze(1);
  }
};

}  // namespace

std::unique_ptr<Descriptor> make_sharpness_descriptor() {
  return std::make_unique<SharpnessDescriptor>();
}

}  // namespace tessera::reconstruction
