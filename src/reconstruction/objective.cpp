// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/objective.hpp"

#include <algorithm>

#include "reconstruction/phase_shares.hpp"

namespace tessera::reconstruction {
namespace {

// Planes of a volume that are looked at together: what their activations take in memory.
constexpr std::int64_t kPlanes = 8;

// (phases, slices, rows, columns) → (planes, phases, …), the planes across `axis`.
torch::Tensor planes_across(const torch::Tensor& shares, std::int64_t axis) {
  return shares.movedim(axis + 1, 0);
}

}  // namespace

Objective::Objective(std::vector<Term> terms, const torch::Tensor& sample, std::vector<std::int64_t> shape)
    : terms_(std::move(terms)), shape_(std::move(shape)) {
  torch::NoGradGuard fixed;
  for (const auto& term : terms_) {
    targets_.push_back(term.descriptor->describe(sample.unsqueeze(0)));
    const double square = targets_.back().square().sum().item<double>();
    factors_.push_back(term.weight / std::max(square, 1e-30));
  }
}

torch::Tensor Objective::leaf_of(std::span<const double> variables) const {
  return torch::from_blob(const_cast<double*>(variables.data()), shape_, torch::kFloat64).clone();
}

double Objective::evaluate(std::span<const double> variables, std::span<double> gradient) {
  const auto leaf = leaf_of(variables).requires_grad_();
  const auto shares = shares_of_variables(leaf);
  const auto reached = shares.detach().requires_grad_();
  const double value = reached.dim() == 4 ? volume(reached) : plane(reached);
  shares.backward(reached.grad());
  const auto slope = leaf.grad().contiguous();
  std::copy_n(slope.data_ptr<double>(), gradient.size(), gradient.begin());
  return value;
}

double Objective::plane(const torch::Tensor& shares) {
  auto sum = torch::zeros({}, torch::kFloat64);
  for (std::size_t i = 0; i < terms_.size(); ++i)
    sum = sum +
          factors_[i] * (terms_[i].descriptor->describe(shares.unsqueeze(0)) - targets_[i]).square().sum();
  sum.backward();
  return sum.item<double>();
}

// A mean over more planes than fit into memory, so each is looked at twice: for the mean, and for its part in
// the gradient of the mean's distance.
double Objective::volume(const torch::Tensor& shares) {
  double value = 0;
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    const std::int64_t planes = shares.size(axis + 1);
    const auto pieces = [&](const auto& use) {
      for (std::int64_t first = 0; first < planes; first += kPlanes)
        use(planes_across(shares, axis).narrow(0, first, std::min(kPlanes, planes - first)));
    };
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      auto& descriptor = *terms_[i].descriptor;
      auto mean = torch::zeros_like(targets_[i]);
      {
        torch::NoGradGuard fixed;
        pieces([&](const torch::Tensor& piece) { mean += descriptor.describe(piece).sum(0, true) / planes; });
      }
      const auto difference = mean - targets_[i];
      value += factors_[i] * difference.square().sum().item<double>();
      const auto pull = 2 * factors_[i] / static_cast<double>(planes) * difference;
      pieces([&](const torch::Tensor& piece) { (descriptor.describe(piece) * pull).sum().backward(); });
    }
  }
  return value;
}

void Objective::hold(std::span<const double> variables) {
  const auto shares = shares_of_variables(leaf_of(variables));
  for (const auto& term : terms_) term.descriptor->hold(shares.unsqueeze(0));
}

bool Objective::must_be_held() const {
  return std::ranges::any_of(terms_, [](const Term& term) { return term.descriptor->must_be_held(); });
}

}  // namespace tessera::reconstruction
