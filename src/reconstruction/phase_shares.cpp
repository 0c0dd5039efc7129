// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/phase_shares.hpp"

#include <array>

namespace tessera::reconstruction {
namespace {

constexpr double kColours[kMostReconstructed][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, 0},
                                                    {1, 1, 1}, {1, 1, 0}, {0, 1, 1}, {1, 0, 1}};
// What a sum of shares is kept above: a cell that holds nothing has no colour.
constexpr double kLeast = 1e-6;

}  // namespace

torch::Tensor shares_of(const microstructure::PhaseMap& map, int phases) {
  std::vector<std::int64_t> shape{map.size[1], map.size[2]};
  if (map.dimensions() == 3) shape.insert(shape.begin(), map.size[0]);
  const auto labels =
      torch::from_blob(const_cast<std::uint8_t*>(map.labels.data()), shape, torch::kUInt8).to(torch::kInt64);
  const auto phase_last = torch::one_hot(labels, phases).to(torch::kFloat64);
  return phase_last.movedim(-1, 0).contiguous();
}

std::int64_t num_variables(int phases) {
  return phases == 2 ? 1 : phases;
}

torch::Tensor shares_of_variables(const torch::Tensor& variables) {
  if (variables.size(0) == 1) return torch::cat({1 - variables, variables}, 0);
  return (variables + kLeast) / (variables + kLeast).sum(0, true);
}

torch::Tensor in_colours(const torch::Tensor& shares) {
  const auto phases = shares.size(1);
  if (phases == 2) return shares.narrow(1, 1, 1).expand({-1, 3, -1, -1});
  const auto colours = torch::from_blob(const_cast<double*>(&kColours[0][0]), {phases, 3}, torch::kFloat64)
                           .to(shares.scalar_type());
  return torch::einsum("pkyx,kc->pcyx", {shares, colours});
}

torch::Tensor coarser(const torch::Tensor& shares) {
  namespace F = torch::nn::functional;
  return shares.dim() == 4 ? F::avg_pool3d(shares, F::AvgPool3dFuncOptions(2))
                           : F::avg_pool2d(shares, F::AvgPool2dFuncOptions(2));
}

}  // namespace tessera::reconstruction
