// SPDX-License-Identifier: Apache-2.0
#include "train/weights.hpp"

#include <gmock/gmock.h>

#include "core/error.hpp"
#include "support/expect_error.hpp"

namespace tessera::train {
namespace {

struct Net : torch::nn::Module {
  Net() { norm = register_module("norm", torch::nn::BatchNorm1d(3)); }
  torch::nn::BatchNorm1d norm{nullptr};
};

TEST(Weights, TakeAPyTorchStateDictWithItsCountsOfBatches) {
  Net net;
  models::NamedTensors weights = weights_of(net);
  weights.at("norm.running_mean").fill_(7);
  weights["norm.num_batches_tracked"] = torch::tensor(12, torch::kInt64);

  load_weights(net, weights, "published.safetensors");

  EXPECT_EQ(net.norm->running_mean[0].item<float>(), 7);
}

TEST(Weights, RefuseATensorTheNetworkHasNot) {
  Net net;
  models::NamedTensors weights = weights_of(net);
  weights["norm2.weight"] = torch::ones(3);

  EXPECT_THAT(test::message_of<core::DataError>([&] { load_weights(net, weights, "w.safetensors"); }),
              testing::HasSubstr("w.safetensors holds the tensor norm2.weight"));
}

TEST(AveragedWeights, MoveStatisticsAndParametersByTheSameShareAndSwapBothWays) {
  const torch::NoGradGuard no_gradients;
  Net net;
  AveragedWeights average(net, 0.75);
  net.norm->running_mean.fill_(4);  // from 0
  net.norm->weight.fill_(5);        // from 1

  average.update(1000);
  average.swap();
  EXPECT_EQ(net.norm->running_mean[0].item<float>(), 1);
  EXPECT_EQ(net.norm->weight[0].item<float>(), 2);

  average.swap();
  EXPECT_EQ(net.norm->running_mean[0].item<float>(), 4);
  EXPECT_EQ(net.norm->weight[0].item<float>(), 5);
}

TEST(AveragedWeights, WhatTrainingBeganWithIsSoonForgotten) {
  const torch::NoGradGuard no_gradients;
  Net net;
  AveragedWeights average(net, 0.999);
  net.norm->weight.fill_(5);  // from 1
  average.update(0);
  EXPECT_FLOAT_EQ(average.average().at("norm.weight")[0].item<float>(), 4.6f);
  average.update(1);
  EXPECT_FLOAT_EQ(average.average().at("norm.weight")[0].item<float>(), 5 - 0.4f * 2 / 11);
}

}  // namespace
}  // namespace tessera::train
