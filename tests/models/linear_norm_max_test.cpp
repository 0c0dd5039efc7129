// SPDX-License-Identifier: Apache-2.0
#include "models/linear_norm_max.hpp"

#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/check_gradient.hpp"
#include "models/segment.hpp"

namespace tessera::models {
namespace {

struct Layer {
  torch::nn::Linear linear;
  torch::nn::BatchNorm1d norm;

  // Scales of both signs: a channel with a negative one has its maximum at its minimum.
  Layer(std::int64_t in, std::int64_t out, bool training, torch::ScalarType type = torch::kFloat)
      : linear(in, out), norm(out) {
    const torch::NoGradGuard no_grad;
    norm->weight.copy_(torch::randn(out));
    norm->bias.copy_(torch::randn(out));
    norm->running_mean.copy_(torch::randn(out));
    norm->running_var.copy_(torch::rand(out) + 0.5);
    linear->to(type);
    norm->to(type);
    norm->train(training);
  }

  std::vector<torch::Tensor> parameters() const {
    return {linear->weight, linear->bias, norm->weight, norm->bias};
  }
};

class LinearNormMax : public testing::TestWithParam<bool> {};

TEST_P(LinearNormMax, IsTheThreeStepsInSequence) {
  torch::manual_seed(8);
  const Layer layer(20, 33, GetParam());
  torch::nn::BatchNorm1d norm(std::dynamic_pointer_cast<torch::nn::BatchNorm1dImpl>(layer.norm->clone()));
  // More rows than one piece, a segment across pieces, one of a single row, empty ones.
  const torch::Tensor rows = (torch::relu(torch::randn({2300, 20})) + 0.3).requires_grad_(true);
  const torch::Tensor segment =
      torch::cat({torch::full(10, 1, torch::kLong), torch::full(2289, 3, torch::kLong),
                  torch::full(1, 4, torch::kLong)});
  const torch::Tensor projection = torch::randn({6, 33});
  const auto gradients_of = [&](const torch::Tensor& result, torch::nn::BatchNorm1d& used) {
    return torch::autograd::grad({(result * projection).sum()},
                                 {rows, layer.linear->weight, layer.linear->bias, used->weight, used->bias});
  };

  torch::nn::BatchNorm1d own = layer.norm;
  torch::nn::Linear linear = layer.linear;
  const torch::Tensor result = linear_norm_max(rows, *linear, *own, segment, 6);
  const torch::Tensor expected = segment_max(norm(linear(rows)), segment, 6);
  const auto gradients = gradients_of(result, own), expected_gradients = gradients_of(expected, norm);

  EXPECT_TRUE(torch::allclose(result, expected, 1e-4, 1e-4)) << (result - expected).abs().max();
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const double scale = expected_gradients[i].abs().max().item<double>();
    EXPECT_LT((gradients[i] - expected_gradients[i]).abs().max().item<double>(), 1e-4 * scale + 1e-4) << i;
  }
  EXPECT_TRUE(torch::allclose(own->running_mean, norm->running_mean, 1e-5, 1e-5));
  EXPECT_TRUE(torch::allclose(own->running_var, norm->running_var, 1e-4, 1e-5));
}

TEST_P(LinearNormMax, GradientsAreThoseOfDifferences) {
  torch::manual_seed(9);
  const Layer layer(3, 5, GetParam(), torch::kDouble);
  torch::nn::Linear linear = layer.linear;
  torch::nn::BatchNorm1d norm = layer.norm;
  torch::Tensor rows = torch::randn({7, 3}, torch::kDouble);
  const torch::Tensor segment = torch::tensor(std::vector<std::int64_t>{0, 0, 0, 1, 1, 3, 3});
  std::vector<torch::Tensor> inputs = layer.parameters();
  inputs.push_back(rows);

  test::expect_gradient_of_differences([&] { return linear_norm_max(rows, *linear, *norm, segment, 4); },
                                       inputs);
}

TEST_P(LinearNormMax, UnderAutocastItsGradientPointsTheSameWay) {
  torch::manual_seed(10);
  const Layer layer(32, 64, GetParam());
  torch::nn::Linear linear = layer.linear;
  torch::nn::BatchNorm1d norm = layer.norm;
  torch::Tensor rows = torch::relu(torch::randn({600, 32})).requires_grad_(true);
  const torch::Tensor segment = torch::arange(600).div(60, "floor");
  const torch::Tensor projection = torch::randn({10, 64});
  const auto gradients = [&](bool bf16) {
    at::autocast::set_autocast_enabled(at::kCPU, bf16);
    const torch::Tensor result = linear_norm_max(rows, *linear, *norm, segment, 10);
    at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(at::kCPU, false);
    EXPECT_EQ(result.scalar_type(), bf16 ? torch::kBFloat16 : torch::kFloat);
    return torch::autograd::grad({(result.to(torch::kFloat) * projection).sum()},
                                 {rows, linear->weight, norm->weight});
  };

  const auto full = gradients(false), half = gradients(true);

  // Some maxima change rows under rounding, so directions are compared, not entries.
  for (std::size_t i = 0; i < full.size(); ++i) {
    const double cosine = ((full[i] * half[i]).sum() / (full[i].norm() * half[i].norm())).item<double>();
    EXPECT_GT(cosine, 0.95) << i;
  }
}

TEST_P(LinearNormMax, ANanIsNotPassedBy) {
  torch::manual_seed(11);
  const Layer layer(4, 6, GetParam());
  torch::nn::Linear linear = layer.linear;
  torch::nn::BatchNorm1d norm = layer.norm;
  for (const std::int64_t bad : {0, 1, 2}) {  // first, between and last of its segment
    torch::Tensor rows = torch::randn({5, 4});
    rows[bad].fill_(std::nanf(""));

    const torch::Tensor result =
        linear_norm_max(rows, *linear, *norm, torch::tensor(std::vector<std::int64_t>{0, 0, 0, 1, 1}), 2);

    EXPECT_TRUE(result[0].isnan().all().item<bool>()) << bad << result;
  }
}

INSTANTIATE_TEST_SUITE_P(Mode, LinearNormMax, testing::Bool(),
                         [](const auto& test) { return test.param ? "Training" : "Evaluation"; });

}  // namespace
}  // namespace tessera::models
