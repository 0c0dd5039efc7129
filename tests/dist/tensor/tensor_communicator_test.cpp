// SPDX-License-Identifier: Apache-2.0
#include "dist/tensor/tensor_communicator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.hpp"
#include "dist/tensor/device.hpp"
#include "dist/tensor/nccl_communicator.hpp"

namespace tessera::dist {
namespace {

using testing::HasSubstr;

enum class BackEnd { Serial, Mpi, Nccl };

constexpr torch::ScalarType kReducible[] = {torch::kFloat, torch::kDouble, torch::kLong, torch::kBFloat16,
                                            torch::kHalf};

/// The same claims for every back end. Values are small integers, exact in every type in any order.
class TensorCommunicatorSuite : public testing::TestWithParam<BackEnd> {
 protected:
  void SetUp() override {
    const auto ranks = GetParam() == BackEnd::Serial ? Communicator::serial() : Communicator::world();
    const auto device = choose_device(GetParam() == BackEnd::Nccl ? "auto" : "cpu", ranks);
    if (GetParam() == BackEnd::Nccl && device.is_cpu())
      GTEST_SKIP() << "NCCL needs a build with TESSERA_CUDA=ON and a GPU for each rank";
    comm_ = std::make_unique<TensorCommunicator>(ranks, device);
    rank_ = ranks.rank();
    size_ = ranks.size();
  }
  /// 0, 1, 2, … plus `shift`.
  torch::Tensor numbers(torch::ScalarType type, std::int64_t shift, std::int64_t count = 6) const {
    return (torch::arange(count, torch::kLong) + shift).to(type).to(comm_->device());
  }

  std::unique_ptr<TensorCommunicator> comm_;
  std::int64_t rank_ = 0;
  std::int64_t size_ = 1;
};

INSTANTIATE_TEST_SUITE_P(BackEnds, TensorCommunicatorSuite,
                         testing::Values(BackEnd::Serial, BackEnd::Mpi, BackEnd::Nccl),
                         [](const auto& chosen) {
                           return std::string(chosen.param == BackEnd::Serial ? "Serial"
                                              : chosen.param == BackEnd::Mpi  ? "Mpi"
                                                                              : "Nccl");
                         });

TEST_P(TensorCommunicatorSuite, AllReducesEveryTypeAndOperationInPlace) {
  const auto sum_of_ranks = size_ * (size_ - 1) / 2;
  for (const auto type : kReducible) {
    for (const bool async : {false, true}) {
      const auto reduced = [&](Reduce op) {
        const auto tensor = numbers(type, rank_);
        if (async)
          comm_->all_reduce_async(tensor, op, "numbers").wait();
        else
          comm_->all_reduce(tensor, op, "numbers");
        return tensor;
      };
      const auto ramp = numbers(type, 0);
      EXPECT_TRUE(torch::equal(reduced(Reduce::Sum), ramp * size_ + sum_of_ranks)) << type << async;
      EXPECT_TRUE(torch::equal(reduced(Reduce::Min), ramp)) << type << async;
      EXPECT_TRUE(torch::equal(reduced(Reduce::Max), ramp + (size_ - 1))) << type << async;
    }
  }
}

TEST_P(TensorCommunicatorSuite, AveragesFloatingTypesOnly) {
  const auto tensor = numbers(torch::kDouble, 2 * rank_);
  comm_->all_reduce_mean(tensor, "numbers");
  EXPECT_TRUE(torch::allclose(tensor, numbers(torch::kDouble, size_ - 1), 1e-15));

  try {
    comm_->all_reduce_mean(numbers(torch::kLong, 0), "counts");
    ADD_FAILURE() << "nothing thrown";
  } catch (const core::InternalError& error) {
    EXPECT_THAT(error.what(), HasSubstr("all_reduce_mean 'counts' takes floating types, got Long"));
  }
}

TEST_P(TensorCommunicatorSuite, BroadcastsAnyTypeFromAnyRoot) {
  for (const auto type : {torch::kFloat, torch::kLong, torch::kByte, torch::kBFloat16}) {
    const auto root = static_cast<int>(size_ - 1);
    const auto tensor = numbers(type, rank_).view({2, 3});
    comm_->broadcast(tensor, "numbers", root);
    EXPECT_TRUE(torch::equal(tensor, numbers(type, root).view({2, 3}))) << type;
  }
  const auto truth = torch::full({3}, rank_ == 0, torch::kBool).to(comm_->device());
  comm_->broadcast(truth, "truth");
  EXPECT_TRUE(truth.all().item<bool>());
}

TEST_P(TensorCommunicatorSuite, GathersDifferentNumbersOfRows) {
  const auto rows = numbers(torch::kHalf, 10 * rank_, 2 * rank_).view({rank_, 2});  // none on rank 0

  const auto all = comm_->all_gather(rows, "rows");

  std::vector<torch::Tensor> expected{numbers(torch::kHalf, 0, 0).view({0, 2})};
  for (std::int64_t r = 0; r < size_; ++r)
    expected.push_back(numbers(torch::kHalf, 10 * r, 2 * r).view({r, 2}));
  EXPECT_TRUE(torch::equal(all, torch::cat(expected)));
}

TEST_P(TensorCommunicatorSuite, KeepsSeveralCallsUnderWayAtOnce) {
  std::vector<torch::Tensor> tensors;
  std::vector<Pending> pending;
  for (int k = 0; k < 8; ++k) {
    tensors.push_back(numbers(torch::kFloat, k, 1000 * (k + 1)));
    pending.push_back(comm_->all_reduce_async(tensors.back(), Reduce::Sum, "several"));
  }
  while (!pending[7].poke()) {
  }
  for (int k = 0; k < 8; ++k) {
    pending[static_cast<std::size_t>(k)].wait();
    EXPECT_TRUE(torch::equal(tensors[static_cast<std::size_t>(k)],
                             numbers(torch::kFloat, k, 1000 * (k + 1)) * size_));
  }
}

TEST_P(TensorCommunicatorSuite, RefusesInWordsWhatItCanNotSend) {
  const auto message_of = [&](const torch::Tensor& tensor) -> std::string {
    try {
      comm_->all_reduce(tensor, Reduce::Sum, "loss");
    } catch (const core::InternalError& error) {
      return error.what();
    }
    return "nothing thrown";
  };

  EXPECT_THAT(message_of(numbers(torch::kFloat, 0).view({2, 3}).t()),
              HasSubstr("all_reduce 'loss' takes contiguous tensors, got shape [3, 2] with strides [1, 3]"));
  EXPECT_THAT(message_of(torch::zeros({2}, torch::kBool).to(comm_->device())),
              HasSubstr("float32, float64, int64, float16 or bfloat16, got Bool"));
  EXPECT_THAT(message_of(torch::zeros({2}, torch::device(torch::kMeta))), HasSubstr("got one on meta"));
}

// 256 + 1 is 256 in bfloat16: adding there would lose the small ones.
TEST(TensorCommunicator, AddsHalfTypesInFloat32OnTheCpu) {
  const auto world = Communicator::world();
  TensorCommunicator comm(world, torch::kCPU);
  const auto tensor = torch::full({4}, world.rank() == 0 ? 256 : 1, torch::kBFloat16);

  comm.all_reduce(tensor, Reduce::Sum, "halves");

  EXPECT_EQ(tensor[0].item<float>(), world.size() == 3 ? 258 : 256);
}

TEST(Device, RefusesWhatIsNotThereAndSaysWhatIs) {
  const auto world = Communicator::world();
  EXPECT_TRUE(choose_device("cpu", world).is_cpu());
  const auto message_of = [&](const std::string& name) -> std::string {
    try {
      choose_device(name, world);
    } catch (const core::InputError& error) {
      return error.what();
    }
    return "nothing thrown";
  };
  EXPECT_EQ(message_of("gpu"), "device must be auto, cpu or cuda, got 'gpu'");
  if (choose_device("auto", world).is_cpu()) {
    EXPECT_THAT(message_of("cuda"),
                HasSubstr(NcclCommunicator::is_built_in() ? "needs a GPU for each rank" : "TESSERA_CUDA=ON"));
  }
}

TEST(Device, EachRankTakesAGpuThatNoOtherTakes) {
  using Visible = std::vector<std::vector<std::string>>;
  const auto taken = [](const Visible& visible) {
    std::vector<int> indices;  // by rank; -1: none
    for (int rank = 0; rank < static_cast<int>(visible.size()); ++rank)
      indices.push_back(gpu_for_rank(visible, rank).value_or(-1));
    return indices;
  };

  EXPECT_THAT(taken({{"a", "b", "c"}, {"a", "b", "c"}}), testing::ElementsAre(0, 1));  // all see all
  EXPECT_THAT(taken({{"a"}, {"b"}, {"c"}}),
              testing::ElementsAre(0, 0, 0));  // bound to tasks by the scheduler
  EXPECT_THAT(taken({{"a", "b"}, {"a", "b"}, {"c", "d"}}), testing::ElementsAre(0, 1, 0));  // two by two
  EXPECT_THAT(taken({{"a", "b"}, {"b", "a"}}), testing::ElementsAre(0, 0));  // the order is each rank's own
  EXPECT_THAT(taken({{"a"}, {"a"}}), testing::ElementsAre(0, -1));
  EXPECT_THAT(taken({{}, {"a"}}), testing::ElementsAre(-1, 0));
}

TEST(Device, SaysWhenAutoLeavesGpusIdle) {
  if (NcclCommunicator::is_built_in()) GTEST_SKIP() << "here the GPUs that are really there count";
  const auto world = Communicator::world();
  const auto said_with = [&](const char* visible) {
    setenv("CUDA_VISIBLE_DEVICES", visible, 1);
    testing::internal::CaptureStderr();
    EXPECT_TRUE(choose_device("auto", world).is_cpu());
    unsetenv("CUDA_VISIBLE_DEVICES");
    return testing::internal::GetCapturedStderr();
  };

  EXPECT_THAT(said_with("0"), world.is_root() ? HasSubstr("computing on the CPU though GPUs are there. A GPU "
                                                          "needs a build with TESSERA_CUDA=ON")
                                              : HasSubstr(""));
  EXPECT_EQ(said_with(""), "");
}

TEST(Device, CountsThreadsThoughOneRankAloneHasTheVariable) {
  const auto world = Communicator::world();
  const char* set = std::getenv("OMP_NUM_THREADS");
  const std::string before = set ? set : "";
  if (world.rank() == world.size() - 1)
    setenv("OMP_NUM_THREADS", "7", 1);
  else
    unsetenv("OMP_NUM_THREADS");

  const int threads = threads_for_rank(world);
  set ? setenv("OMP_NUM_THREADS", before.c_str(), 1) : unsetenv("OMP_NUM_THREADS");

  if (world.rank() == world.size() - 1)
    EXPECT_EQ(threads, 7);
  else
    EXPECT_GE(threads, 1);
  EXPECT_EQ(world.all_reduce(1, Reduce::Sum, "still in step"), world.size());
}

TEST(Device, SharesTheCoresAndFlushesDenormals) {
  const int threads = threads_for_rank(Communicator::world());
  EXPECT_GE(threads, 1);

  prepare_threads(threads);

  const auto tiny = torch::full({1000}, 1e-30F);
  EXPECT_EQ(torch::count_nonzero(tiny * 1e-12F).item<std::int64_t>(), 0);
}

}  // namespace
}  // namespace tessera::dist
