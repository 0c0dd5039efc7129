// SPDX-License-Identifier: Apache-2.0
#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>

#include "models/channel_statistics.hpp"
#include "models/check_gradient.hpp"
#include "models/row_batch_norm.hpp"
#include "models/row_layer.hpp"

namespace tessera::models {
namespace {

const auto kDouble = torch::TensorOptions(torch::kDouble);

torch::nn::BatchNorm1d a_norm(std::int64_t channels, torch::ScalarType type) {
  torch::nn::BatchNorm1d norm(channels);
  norm->to(type);
  const torch::NoGradGuard no_grad;
  norm->weight.copy_(torch::randn(channels, kDouble));
  norm->bias.copy_(torch::randn(channels, kDouble));
  norm->running_mean.copy_(torch::randn(channels, kDouble));
  norm->running_var.copy_(torch::rand(channels, kDouble) + 0.5);
  return norm;
}

torch::nn::BatchNorm1d copy_of(const torch::nn::BatchNorm1d& norm) {
  return torch::nn::BatchNorm1d(std::dynamic_pointer_cast<torch::nn::BatchNorm1dImpl>(norm->clone()));
}

// The fused function and LibTorch's modules give the same values, gradients and running statistics.
void expect_same_as_modules(
    const torch::Tensor& input, torch::nn::BatchNorm1d norm,
    const std::function<torch::Tensor(const torch::Tensor&, torch::nn::BatchNorm1d&)>& fused,
    const std::function<torch::Tensor(const torch::Tensor&)>& after) {
  torch::nn::BatchNorm1d reference = copy_of(norm);
  torch::Tensor x = input.clone().requires_grad_(true), y = input.clone().requires_grad_(true);

  const torch::Tensor result = fused(x, norm), expected = after(reference(y));
  const torch::Tensor projection = torch::randn_like(expected);
  (result * projection).sum().backward();
  (expected * projection).sum().backward();

  EXPECT_TRUE(torch::allclose(result, expected, 1e-4, 1e-5));
  EXPECT_TRUE(torch::allclose(x.grad(), y.grad(), 1e-3, 1e-5)) << (x.grad() - y.grad()).abs().max();
  EXPECT_TRUE(torch::allclose(norm->weight.grad(), reference->weight.grad(), 1e-3, 1e-4));
  EXPECT_TRUE(torch::allclose(norm->bias.grad(), reference->bias.grad(), 1e-3, 1e-4));
  EXPECT_TRUE(torch::allclose(norm->running_mean, reference->running_mean, 1e-5, 1e-6));
  EXPECT_TRUE(torch::allclose(norm->running_var, reference->running_var, 1e-5, 1e-6));
  EXPECT_TRUE(torch::equal(norm->num_batches_tracked, reference->num_batches_tracked));
}

class BatchNorm : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { torch::manual_seed(5); }
  torch::nn::BatchNorm1d norm(std::int64_t channels, torch::ScalarType type = torch::kFloat) {
    torch::nn::BatchNorm1d made = a_norm(channels, type);
    made->train(GetParam());
    return made;
  }
};

TEST_P(BatchNorm, WithReluIsLibTorchsModules) {
  const torch::Tensor rows = torch::randn({150, 19}) * 3 + 2;
  expect_same_as_modules(
      rows, norm(19), [](const auto& x, auto& n) { return batch_norm_rows(x, *n, Activation::Relu); },
      [](const auto& y) { return torch::relu(y); });
  expect_same_as_modules(
      rows, norm(19), [](const auto& x, auto& n) { return batch_norm_rows(x, *n, Activation::None); },
      [](const auto& y) { return y; });
}

// Both ours and the one out of LibTorch's operations, which other devices take.
TEST_P(BatchNorm, WithAnOffsetIsThatOfTheRowsMovedByIt) {
  const torch::Tensor rows = torch::randn({150, 19}) * 3, factors = torch::randn({150, 19});
  const torch::nn::BatchNorm1d start = norm(19);
  const torch::Tensor moved_by = torch::randn(19);
  for (const bool composed : {false, true}) {
    torch::nn::BatchNorm1d n = copy_of(start), m = copy_of(start);
    torch::Tensor offset = moved_by.clone().requires_grad_(true),
                  added = moved_by.clone().requires_grad_(true);
    torch::Tensor x = rows.clone().requires_grad_(true), y = rows.clone().requires_grad_(true);

    const torch::Tensor result =
        composed ? batch_norm_composed(x, *n, offset) : batch_norm_rows(x, *n, Activation::None, offset);
    const torch::Tensor expected = batch_norm_rows(y + added, *m, Activation::None);
    (result * factors).sum().backward();
    (expected * factors).sum().backward();

    EXPECT_TRUE(torch::allclose(result, expected, 1e-4, 1e-5));
    EXPECT_TRUE(torch::allclose(x.grad(), y.grad(), 1e-3, 1e-4));
    EXPECT_TRUE(torch::allclose(offset.grad(), added.grad(), 1e-3, 1e-4));
    EXPECT_TRUE(torch::allclose(n->running_mean, m->running_mean, 1e-5, 1e-6));
  }
}

TEST_P(BatchNorm, GradientsAreThoseOfDifferences) {
  torch::nn::BatchNorm1d n = norm(3, torch::kDouble);
  torch::Tensor rows = torch::randn({7, 3}, kDouble);

  test::expect_gradient_of_differences([&] { return batch_norm_rows(rows, *n, Activation::Relu); },
                                       {rows, n->weight, n->bias});
}

TEST_P(BatchNorm, ReadsASliceOfWiderRows) {
  torch::nn::BatchNorm1d n = norm(4), m = copy_of(n);
  const torch::Tensor wide = torch::randn({40, 10});
  torch::Tensor slice = wide.narrow(1, 3, 4).detach().requires_grad_(true);
  torch::Tensor packed = slice.detach().contiguous().requires_grad_(true);

  const torch::Tensor factors = torch::randn({40, 10});
  (torch::cat({batch_norm_rows(slice, *n, Activation::Relu), torch::ones({40, 6})}, 1) * factors)
      .sum()
      .backward();
  (batch_norm_rows(packed, *m, Activation::Relu) * factors.narrow(1, 0, 4)).sum().backward();

  EXPECT_TRUE(torch::allclose(slice.grad(), packed.grad(), 1e-6, 1e-7));
}

TEST_P(BatchNorm, Bfloat16RowsStayCloseToFloat32) {
  torch::nn::BatchNorm1d n = norm(16), m = copy_of(n);
  const torch::Tensor rows = torch::randn({200, 16});
  torch::Tensor half = rows.to(torch::kBFloat16).requires_grad_(true),
                full = rows.clone().requires_grad_(true);

  const torch::Tensor result = batch_norm_rows(half, *n, Activation::Relu);
  const torch::Tensor expected = batch_norm_rows(full, *m, Activation::Relu);
  result.sum().backward();
  expected.sum().backward();

  EXPECT_EQ(result.scalar_type(), torch::kBFloat16);
  // bfloat16 keeps 8 bits: 1/256 of values up to about 10.
  EXPECT_TRUE(torch::allclose(result.to(torch::kFloat), expected, 0.02, 0.04));
  // Rows near the ReLU's corner change sides.
  const torch::Tensor difference = n->weight.grad() - m->weight.grad();
  EXPECT_LT(difference.norm().item<float>(), 0.05F * m->weight.grad().norm().item<float>());
}

INSTANTIATE_TEST_SUITE_P(Mode, BatchNorm, testing::Bool(),
                         [](const auto& test) { return test.param ? "Training" : "Evaluation"; });

// A feature that is nothing in all rows, as the face centres of a periodic mesh are: in bfloat16 its map plus
// a rounded offset would stand 300 times the rounding away from the running mean.
TEST(BatchNormRows, AColumnThatIsTheSameInAllRowsIsSoInEvaluationToo) {
  torch::manual_seed(7);
  RowLayer layer(3, 16);
  const torch::Tensor nothing = torch::zeros({50, 3});
  const auto answer = [&] {
    at::autocast::set_autocast_enabled(at::kCPU, true);
    const torch::Tensor result = layer->forward(nothing).to(torch::kFloat);
    at::autocast::set_autocast_enabled(at::kCPU, false);
    at::autocast::clear_cache();
    return result;
  };
  const torch::NoGradGuard no_grad;
  torch::Tensor trained;
  for (int step = 0; step < 200; ++step) trained = answer();
  layer->eval();

  EXPECT_TRUE(torch::allclose(answer(), trained, 0, 0.01)) << (answer() - trained).abs().max();
}

TEST(BatchNormRows, KeepsItsDigitsFarFromZero) {
  torch::manual_seed(6);
  torch::nn::BatchNorm1d norm(2);
  const torch::Tensor rows = torch::randn({5000, 2});

  batch_norm_rows(rows + 1000, *norm, Activation::None);

  // The unbiased variance of the same draws; a sum of squares in float32 would be off by tens of percent.
  const torch::Tensor expected = 0.9 + 0.1 * rows.var(0);
  EXPECT_TRUE(torch::allclose(norm->running_var, expected, 1e-3, 1e-4)) << norm->running_var << expected;
}

TEST(BatchNormRows, ASingleRowIsNormalisedByTheRunningStatistics) {
  torch::nn::BatchNorm1d norm = a_norm(3, torch::kFloat), same = copy_of(norm);
  norm->train();
  same->eval();
  const torch::Tensor row = torch::randn({1, 3});

  EXPECT_TRUE(torch::equal(batch_norm_rows(row, *norm, Activation::None),
                           batch_norm_rows(row, *same, Activation::None)));
  EXPECT_TRUE(torch::equal(norm->running_mean, same->running_mean));
}

}  // namespace
}  // namespace tessera::models
