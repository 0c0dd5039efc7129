// SPDX-License-Identifier: Apache-2.0
#include "models/gated_messages.hpp"

#include <gtest/gtest.h>

#include "models/check_gradient.hpp"
#include "models/gaussian_basis.hpp"

namespace tessera::models {
namespace {

struct Parts {
  torch::Tensor self, other, edge, neighbor;
};

Parts parts(std::int64_t atoms, std::int64_t neighbors, std::int64_t channels, torch::ScalarType type) {
  torch::manual_seed(7);
  return {torch::randn({atoms, 2 * channels}, type), torch::randn({atoms, 2 * channels}, type),
          torch::randn({atoms * neighbors, 2 * channels}, type),
          torch::randint(0, atoms, {atoms, neighbors})};
}

class GatedMessages : public testing::TestWithParam<bool> {};

TEST_P(GatedMessages, FusedIsComposed) {
  const Parts p = parts(21, 12, 8, torch::kFloat);
  torch::nn::BatchNorm1d norm(16), reference(16);
  norm->train(GetParam());
  reference->train(GetParam());
  const auto leaves = [&] {
    return std::vector<torch::Tensor>{p.self.clone().requires_grad_(true),
                                      p.other.clone().requires_grad_(true),
                                      p.edge.clone().requires_grad_(true)};
  };
  const auto a = leaves(), b = leaves();

  const torch::Tensor fused = gated_messages(a[0], a[1], a[2], p.neighbor, *norm);
  const torch::Tensor composed = gated_messages_composed(b[0], b[1], b[2], p.neighbor, *reference);
  const torch::Tensor projection = torch::randn_like(composed);
  (fused * projection).sum().backward();
  (composed * projection).sum().backward();

  EXPECT_TRUE(torch::allclose(fused, composed, 1e-5, 1e-5)) << (fused - composed).abs().max();
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_TRUE(torch::allclose(a[i].grad(), b[i].grad(), 1e-4, 1e-5)) << i;
  EXPECT_TRUE(torch::allclose(norm->weight.grad(), reference->weight.grad(), 1e-4, 1e-4));
  EXPECT_TRUE(torch::allclose(norm->bias.grad(), reference->bias.grad(), 1e-4, 1e-4));
  EXPECT_TRUE(torch::allclose(norm->running_var, reference->running_var, 1e-5, 1e-6));
}

TEST_P(GatedMessages, GradientsAreThoseOfDifferences) {
  Parts p = parts(4, 3, 2, torch::kDouble);
  torch::nn::BatchNorm1d norm(4);
  norm->to(torch::kDouble);
  norm->train(GetParam());

  test::expect_gradient_of_differences(
      [&] { return gated_messages(p.self, p.other, p.edge, p.neighbor, *norm); },
      {p.self, p.other, p.edge, norm->weight, norm->bias});
}

INSTANTIATE_TEST_SUITE_P(Mode, GatedMessages, testing::Bool(),
                         [](const auto& test) { return test.param ? "Training" : "Evaluation"; });

TEST(GatedMessages, HoldFarOutOnBothSides) {
  // One channel, evaluation with weight 1: sigmoid(a) · softplus(b) itself, where exp would over- or
  // underflow.
  torch::nn::BatchNorm1d norm(torch::nn::BatchNorm1dOptions(2).eps(0));
  norm->eval();
  const torch::Tensor edge = torch::tensor({{-200.0, 200.0}, {200.0, 200.0}, {200.0, -200.0}, {0.0, 0.0}});
  const torch::Tensor zero = torch::zeros({4, 2});

  const torch::Tensor message = gated_messages(zero, zero, edge, torch::zeros({4, 1}, torch::kLong), *norm);

  EXPECT_TRUE(
      torch::allclose(message.view(-1), torch::tensor({0.0, 200.0, 0.0, 0.5 * std::log(2.0)}), 1e-6, 1e-30))
      << message;
}

TEST(GaussianBasis, IsTheFormulaWithoutItsDenormals) {
  const torch::Tensor distance = torch::tensor({{0.0, 1.23}, {8.0, 9.0}});

  const torch::Tensor basis = gaussian_basis(distance);

  EXPECT_EQ(basis.sizes(), (std::vector<std::int64_t>{4, 41}));
  const torch::Tensor offset =
      distance.view({-1, 1}).to(torch::kDouble) - torch::arange(41, torch::kDouble) * 0.2;
  const torch::Tensor exact = torch::exp(-(offset / 0.2).square());
  // Centres and distances are float32: (d - mu)² / 0.04 of up to 87 carries its rounding into the exponent.
  EXPECT_TRUE(torch::allclose(basis.to(torch::kDouble), exact, 1e-4, 1e-7));
  EXPECT_EQ(((basis > 0) & (basis < 1.2e-38)).sum().item<std::int64_t>(), 0);
}

}  // namespace
}  // namespace tessera::models
