// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "microstructure/statistics/clusters.hpp"
#include "reconstruction/correlation_window.hpp"
#include "reconstruction/descriptors.hpp"

namespace tessera::reconstruction {
namespace {

using microstructure::Border;
using microstructure::PhaseMap;

// The phase that each cell has most of.
PhaseMap sharp_map(const torch::Tensor& plane) {
  const auto labels = plane.argmax(0).to(torch::kUInt8).contiguous();
  const auto* first = labels.data_ptr<std::uint8_t>();
  return {.size = {1, labels.size(0), labels.size(1)}, .labels = {first, first + labels.numel()}};
}

// The cluster of each cell that is of `phase`, as numbers from 0 on, −1 of the others, (rows, columns).
torch::Tensor clusters_of(const PhaseMap& map, int phase) {
  auto clusters = microstructure::find_clusters(map, phase, Border::Periodic);
  return torch::from_blob(clusters.labels.data(), {map.size[1], map.size[2]}, torch::kInt32)
             .to(torch::kInt64) -
         1;
}

class ClusterDescriptor final : public Descriptor {
 public:
  explicit ClusterDescriptor(std::int64_t reach) : window_(reach) {}

  bool must_be_held() const override { return true; }

  void hold(const torch::Tensor& shares) override {
    torch::NoGradGuard fixed;
    held_.clear();
    for (std::int64_t plane = 0; plane < shares.size(0); ++plane) {
      const auto map = sharp_map(shares[plane]);
      for (const int phase : phases(shares.size(1))) held_.push_back(clusters_of(map, phase));
    }
  }

  // Planes other than those held are looked at as they are: a sample's is one.
  torch::Tensor describe(const torch::Tensor& shares) override {
    const auto told = phases(shares.size(1));
    if (std::ssize(held_) != shares.size(0) * std::ssize(told) ||
        held_.front().sizes() != shares[0][0].sizes())
      hold(shares.detach());
    std::vector<torch::Tensor> planes;
    for (std::int64_t plane = 0; plane < shares.size(0); ++plane) {
      std::vector<torch::Tensor> parts;
      for (std::size_t i = 0; i < told.size(); ++i)
        parts.push_back(within_clusters(shares[plane][told[i]],
                                        held_[static_cast<std::size_t>(plane) * told.size() + i]));
      planes.push_back(torch::cat(parts));
    }
    return torch::stack(planes);
  }

 private:
  static std::vector<int> phases(std::int64_t number) {
    std::vector<int> all;
    for (int phase = number == 2 ? 1 : 0; phase < number; ++phase) all.push_back(phase);
    return all;
  }

  torch::Tensor within_clusters(const torch::Tensor& share, const torch::Tensor& clusters) {
    const auto number = clusters.max().item<std::int64_t>() + 1;
    if (number == 0) return window_.correlations(torch::zeros_like(share));
    const auto own = torch::arange(number).view({-1, 1, 1}) == clusters.unsqueeze(0);
    return window_.correlations(share.unsqueeze(0) * own).sum(0);
  }

  CorrelationWindow window_;
  std::vector<torch::Tensor> held_;  // (planes · told phases) of (rows, columns)
};

}  // namespace

std::unique_ptr<Descriptor> make_cluster_descriptor(std::int64_t reach) {
  return std::make_unique<ClusterDescriptor>(reach);
}

}  // namespace tessera::reconstruction
