// SPDX-License-Identifier: Apache-2.0
#include "train/loss.hpp"

#include <gtest/gtest.h>

namespace tessera::train {
namespace {

const auto kOutput = [] { return torch::tensor({{1.0f}, {2.0f}, {-3.0f}}); };
const auto kTarget = [] { return torch::tensor({1.5f, 0.0f, -3.0f}); };

TEST(Loss, IsTheSumOverSamples) {
  EXPECT_NEAR(make_loss("mse")(kOutput(), kTarget()).item<double>(), 0.25 + 4.0, 1e-6);
  EXPECT_NEAR(make_loss("l1")(kOutput(), kTarget()).item<double>(), 0.5 + 2.0, 1e-6);
  EXPECT_NEAR(make_loss("huber")(kOutput(), kTarget()).item<double>(), 0.125 + 1.5, 1e-6);
}

TEST(Loss, CrossEntropyOfEvenScoresIsLogOfTheClasses) {
  const auto loss = make_loss("cross_entropy")(torch::zeros({2, 4}), torch::tensor({1, 3}, torch::kInt64));

  EXPECT_NEAR(loss.item<double>(), 2 * std::log(4.0), 1e-6);
}

TEST(Loss, PartsOfABatchAddUpToTheWhole) {
  for (const auto& name : regression_losses()) {
    const auto loss = make_loss(name);
    const double whole = loss(kOutput(), kTarget()).item<double>();
    const double parts = loss(kOutput().narrow(0, 0, 2), kTarget().narrow(0, 0, 2)).item<double>() +
                         loss(kOutput().narrow(0, 2, 1), kTarget().narrow(0, 2, 1)).item<double>();
    EXPECT_NEAR(parts, whole, 1e-6) << name;
  }
}

}  // namespace
}  // namespace tessera::train
