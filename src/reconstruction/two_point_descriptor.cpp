// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/correlation_window.hpp"
#include "reconstruction/descriptors.hpp"

namespace tessera::reconstruction {
namespace {

class TwoPointDescriptor final : public Descriptor {
 public:
  explicit TwoPointDescriptor(std::int64_t reach) : window_(reach) {}

  torch::Tensor describe(const torch::Tensor& shares) override {
    return window_.correlations(told_phases(shares)).flatten(1);
  }

 private:
  CorrelationWindow window_;
};

}  // namespace

std::unique_ptr<Descriptor> make_two_point_descriptor(std::int64_t reach) {
  return std::make_unique<TwoPointDescriptor>(reach);
}

}  // namespace tessera::reconstruction
