// SPDX-License-Identifier: Apache-2.0
#include "dist/tensor/gradient_reducer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "dist/tensor/device.hpp"

namespace tessera::dist {
namespace {

using testing::HasSubstr;

// Registered in another order than used, so that arrival order differs from reverse registration. Doubles:
// what differs beyond 1e-12 is wrong, not rounded.
struct NetImpl : torch::nn::Module {
  NetImpl() {
    last = register_module("last", torch::nn::Linear(16, 2));
    first = register_module("first", torch::nn::Linear(4, 16));
    middle = register_module("middle", torch::nn::Linear(16, 16));
    extra = register_module("extra", torch::nn::Linear(16, 16));
    to(torch::kDouble);
  }
  torch::Tensor forward(const torch::Tensor& x, bool with_extra) {  // (samples, 4) -> (samples, 2)
    auto hidden = torch::tanh(middle(torch::tanh(first(x))));
    if (with_extra) hidden = hidden + extra(hidden);
    return last(hidden);
  }
  torch::nn::Linear first{nullptr}, middle{nullptr}, last{nullptr}, extra{nullptr};
};
TORCH_MODULE(Net);

constexpr ReducerOptions kTinyBuckets{.first_bucket_bytes = 200, .bucket_bytes = 1500};
constexpr std::int64_t kNumSamples = 8;

Net net_of_seed(int seed) {
  torch::manual_seed(seed);
  return Net();
}

NamedTensors parameters_of(const Net& net) {
  NamedTensors named;
  for (const auto& item : net->named_parameters()) named.emplace_back(item.key(), item.value());
  return named;
}

torch::Tensor made_inputs(int step) {
  torch::manual_seed(100 + step);
  return torch::randn({kNumSamples, 4}, torch::kDouble);
}

torch::Tensor summed_loss(Net& net, const torch::Tensor& x, bool with_extra) {
  return net->forward(x, with_extra).square().sum();
}

/// 5, 3 and 0 of 8 samples on three ranks; all on one.
torch::Tensor part_of(const torch::Tensor& all, const Communicator& ranks) {
  if (ranks.size() == 1) return all;
  if (ranks.rank() == 0) return all.slice(0, 0, 5);
  return ranks.rank() == 1 ? all.slice(0, 5) : all.slice(0, 0, 0);
}

void serial_gradient(Net& net, const torch::Tensor& x, bool with_extra) {
  for (auto& parameter : net->parameters()) parameter.mutable_grad() = torch::zeros_like(parameter);
  (summed_loss(net, x, with_extra) / kNumSamples).backward();
}

void expect_same_gradients(Net& net, Net& serial, const char* when) {
  const auto ours = net->named_parameters(), theirs = serial->named_parameters();
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_TRUE(torch::allclose(ours[i].value().grad(), theirs[i].value().grad(), 1e-12, 1e-14))
        << when << ": " << ours[i].key();
  }
}

void expect_gradients_are_views(Net& net, const GradientReducer& reducer) {
  for (const auto& parameter : net->parameters()) {
    bool found = false;
    for (const auto& bucket : reducer.buckets()) found |= parameter.grad().is_alias_of(bucket.flat);
    EXPECT_TRUE(found);
  }
}

/// The same claims on the CPU and, where each rank has one, on a GPU.
class GradientReducerTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (device_.is_cpu() && std::string(GetParam()) != "cpu")
      GTEST_SKIP() << "NCCL needs a build with TESSERA_CUDA=ON and a GPU for each rank";
    net_->to(device_);
    serial_->to(device_);
  }
  torch::Tensor inputs(int step) const { return made_inputs(step).to(device_); }

  Communicator world_ = Communicator::world();
  torch::Device device_ = choose_device(GetParam(), world_);
  TensorCommunicator comm_{world_, device_};
  Net net_ = net_of_seed(world_.rank());
  Net serial_ = net_of_seed(0);
};

INSTANTIATE_TEST_SUITE_P(Devices, GradientReducerTest, testing::Values("cpu", "auto"),
                         [](const auto& chosen) {
                           return std::string(chosen.param) == "cpu" ? "Cpu" : "Gpu";
                         });

TEST_P(GradientReducerTest, PartsOf5And3And0SamplesGiveTheSerialGradientStepAfterStep) {
  GradientReducer reducer(comm_, parameters_of(net_), kTinyBuckets);
  torch::optim::SGD ours(net_->parameters(), 0.1), theirs(serial_->parameters(), 0.1);
  EXPECT_GT(reducer.buckets().size(), 2u);

  for (int step = 0; step < 4; ++step) {
    const auto x = part_of(inputs(step), world_);
    serial_gradient(serial_, inputs(step), true);

    reducer.zero_grad();
    if (x.size(0) > 0) (summed_loss(net_, x, true) / kNumSamples).backward();
    reducer.finish();

    expect_same_gradients(net_, serial_, "step");
    expect_gradients_are_views(net_, reducer);
    ours.step();
    theirs.step();
  }
}

TEST_P(GradientReducerTest, ALocalMeanTimesItsShareIsTheSameGradient) {
  GradientReducer reducer(comm_, parameters_of(net_), kTinyBuckets);
  const auto x = part_of(inputs(0), world_);
  serial_gradient(serial_, inputs(0), true);

  reducer.zero_grad();
  const auto share = static_cast<double>(x.size(0)) / kNumSamples;
  if (x.size(0) > 0) (net_->forward(x, true).square().sum(1).mean() * share).backward();
  reducer.finish();

  expect_same_gradients(net_, serial_, "mean");
}

TEST_P(GradientReducerTest, StartsFromTheWeightsOfRankZero) {
  const GradientReducer reducer(comm_, parameters_of(net_), kTinyBuckets);

  const auto ours = net_->parameters(), rank_zeros = serial_->parameters();
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_TRUE(torch::equal(ours[i], rank_zeros[i]));
}

TEST_P(GradientReducerTest, AParameterUsedNowhereOrOnOneRankOnlyIsNoHang) {
  GradientReducer reducer(comm_, parameters_of(net_), kTinyBuckets);
  for (int step = 0; step < 3; ++step) {
    const auto x = part_of(inputs(step), world_);
    const bool extra_somewhere = step != 1;
    serial_gradient(serial_, inputs(step).slice(0, 0, world_.size() == 1 ? kNumSamples : 5), extra_somewhere);
    if (world_.size() > 1) (summed_loss(serial_, inputs(step).slice(0, 5), false) / kNumSamples).backward();

    reducer.zero_grad();
    if (x.size(0) > 0) (summed_loss(net_, x, extra_somewhere && world_.rank() == 0) / kNumSamples).backward();
    reducer.finish();

    expect_same_gradients(net_, serial_, "unused");
    if (!extra_somewhere) {
      EXPECT_EQ(torch::count_nonzero(net_->extra->weight.grad()).item<std::int64_t>(), 0);
    }
  }
}

TEST_P(GradientReducerTest, MicroBatchesAddUpAndTravelOnce) {
  GradientReducer reducer(comm_, parameters_of(net_), kTinyBuckets);
  for (int step = 0; step < 2; ++step) {
    const auto x = part_of(inputs(step), world_);
    serial_gradient(serial_, inputs(step), true);

    reducer.zero_grad();
    reducer.set_sync(false);
    if (x.size(0) > 0) (summed_loss(net_, x.slice(0, 0, 2), true) / kNumSamples).backward();
    reducer.set_sync(true);
    if (x.size(0) > 0) (summed_loss(net_, x.slice(0, 2), true) / kNumSamples).backward();
    reducer.finish();

    expect_same_gradients(net_, serial_, "accumulated");
  }
}

TEST_P(GradientReducerTest, AnOptimisersZeroGradCostsNoCorrectness) {
  GradientReducer reducer(comm_, parameters_of(net_), kTinyBuckets);
  torch::optim::SGD optimizer(net_->parameters(), 0.0);
  for (int step = 0; step < 3; ++step) {
    const auto x = part_of(inputs(step), world_);
    serial_gradient(serial_, inputs(step), false);

    optimizer.zero_grad();  // drops the views
    if (x.size(0) > 0) (summed_loss(net_, x, false) / kNumSamples).backward();
    reducer.finish();

    expect_same_gradients(net_, serial_, "dropped");
    expect_gradients_are_views(net_, reducer);
  }
}

TEST_P(GradientReducerTest, LaunchesBeforeBackwardEnds) {
  GradientReducer reducer(comm_, parameters_of(net_), kTinyBuckets);
  const auto step = [&] {
    reducer.zero_grad();
    (summed_loss(net_, inputs(0), true) / kNumSamples).backward();
    reducer.finish();
    return reducer.trace();
  };

  step();
  const auto trace = step();

  EXPECT_EQ(trace.launches.size(), reducer.buckets().size());
  EXPECT_LT(trace.launches.front(), trace.last_gradient);
  EXPECT_LE(trace.last_gradient, trace.finish_begin);
  EXPECT_LE(trace.launches.back(), trace.finish_begin);  // after the rebuild nothing is left for finish()
  EXPECT_LE(trace.exposed_seconds, trace.finish_end - trace.finish_begin);
  EXPECT_EQ(trace.bytes, 8 * (4 * 16 + 16 + 2 * (16 * 16 + 16) + 16 * 2 + 2));
}

TEST_P(GradientReducerTest, RebuildsOnceInRankZerosArrivalOrderOnEveryRank) {
  GradientReducer reducer(comm_, parameters_of(net_), {.first_bucket_bytes = 1, .bucket_bytes = 1});
  const auto order = [&] {
    std::vector<std::size_t> members;
    for (const auto& bucket : reducer.buckets())
      members.insert(members.end(), bucket.members.begin(), bucket.members.end());
    return members;
  };
  const std::vector<std::size_t> reverse{7, 6, 5, 4, 3, 2, 1, 0};
  EXPECT_EQ(order(), reverse);
  const auto step = [&](bool backward) {
    reducer.zero_grad();
    if (backward) summed_loss(net_, inputs(0), world_.rank() != 0).backward();  // ranks' orders differ
    reducer.finish();
  };

  step(!world_.is_root());
  EXPECT_EQ(order(), reverse);  // rank 0 has no order to tell yet
  step(true);
  const auto rebuilt = order();
  step(world_.is_root());

  EXPECT_NE(rebuilt, reverse);
  EXPECT_EQ(order(), rebuilt);
  EXPECT_THAT(rebuilt[0], testing::AnyOf(0, 1));  // `last`, registered first
  EXPECT_THAT(rebuilt, testing::UnorderedElementsAreArray(reverse));
  std::vector<std::int64_t> sent(rebuilt.begin(), rebuilt.end()), roots = sent;
  world_.broadcast(std::span(roots), "order");
  EXPECT_EQ(sent, roots);
}

TEST_P(GradientReducerTest, NamesTheFirstParameterThatDiffersAndBothSides) {
  if (world_.size() == 1) GTEST_SKIP() << "one rank can not differ";
  auto named = parameters_of(net_);
  if (world_.rank() == world_.size() - 1) {
    named[2].second = torch::zeros({16, 5}, torch::kDouble);
    named[3].first = "other";
  }
  try {
    const GradientReducer reducer(comm_, named, kTinyBuckets);
    ADD_FAILURE() << "nothing thrown";
  } catch (const core::ParallelError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("its parameter 3 is 'first.weight Double [16, 5] without gradient' on rank " +
                          std::to_string(world_.size() - 1)));
    EXPECT_THAT(error.what(), HasSubstr("'first.weight Double [16, 4]' on rank 0"));
  }
}

TEST_P(GradientReducerTest, NamesAParameterThatOneRankHasFrozen) {
  if (world_.size() == 1) GTEST_SKIP() << "one rank can not differ";
  if (world_.rank() == 1) net_->first->bias.set_requires_grad(false);
  try {
    const GradientReducer reducer(comm_, parameters_of(net_), kTinyBuckets);
    ADD_FAILURE() << "nothing thrown";
  } catch (const core::ParallelError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("is 'first.bias Double [16] without gradient' on rank 1 and 'first.bias "
                          "Double [16]' on rank 0"));
  }
}

TEST_P(GradientReducerTest, NamesAParameterThatOneRankHasMore) {
  if (world_.size() == 1) GTEST_SKIP() << "one rank can not differ";
  auto named = parameters_of(net_);
  if (world_.rank() == 1) named.pop_back();
  try {
    const GradientReducer reducer(comm_, named, kTinyBuckets);
    ADD_FAILURE() << "nothing thrown";
  } catch (const core::ParallelError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("parameter 8 is none on rank 1 and 'extra.bias Double [16]' on rank 0"));
  }
}

TEST_P(GradientReducerTest, ASecondSynchronisedBackwardIsRefused) {
  GradientReducer reducer(comm_, parameters_of(net_), kTinyBuckets);
  summed_loss(net_, inputs(0), true).backward();
  try {
    summed_loss(net_, inputs(0), true).backward();
    ADD_FAILURE() << "nothing thrown";
  } catch (const std::exception& error) {
    EXPECT_THAT(error.what(), HasSubstr("came twice before finish(); call set_sync(false)"));
  }
  reducer.finish();
}

TEST_P(GradientReducerTest, FrozenParametersAndOtherTypesAndStridesAreTaken) {
  NamedTensors named{
      {"frozen", torch::full({3}, double(world_.rank()), device_)},
      {"half", torch::ones({5}, torch::dtype(torch::kBFloat16).device(device_)).requires_grad_()},
      {"strided", torch::ones({2, 3, 4, 5}, device_).contiguous(torch::MemoryFormat::ChannelsLast)}};
  named[2].second.requires_grad_();
  GradientReducer reducer(comm_, named);

  reducer.zero_grad();
  ((named[1].second * (world_.rank() + 1)).sum().to(torch::kFloat) + named[2].second.square().sum())
      .backward();
  reducer.finish();

  const double ranks = world_.size();
  EXPECT_EQ(named[0].second[0].item<double>(), 0);
  EXPECT_FALSE(named[0].second.grad().defined());
  EXPECT_EQ(named[1].second.grad()[4].item<float>(), ranks * (ranks + 1) / 2);
  EXPECT_EQ(named[2].second.grad().strides(), named[2].second.strides());
  EXPECT_TRUE(torch::equal(named[2].second.grad(), torch::full({2, 3, 4, 5}, 2 * ranks, device_)));
}

}  // namespace
}  // namespace tessera::dist
