// SPDX-License-Identifier: Apache-2.0
#include "dist/work_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

#include "core/error.hpp"

namespace tessera::dist {
namespace {

void sleep_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

std::vector<std::int64_t> every_task(const Communicator& comm, std::int64_t num_tasks) {
  std::vector<std::int64_t> done;
  const auto summary =
      for_each_task(comm, num_tasks, "tasks", [&](std::int64_t task) { done.push_back(task); });
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(summary.tasks_here, static_cast<std::int64_t>(done.size()));
  auto all = comm.all_gather(std::span<const std::int64_t>(done), "done");
  std::sort(all.begin(), all.end());
  return all;
}

TEST(WorkQueue, DoesEveryTaskOnce) {
  const auto world = Communicator::world();
  for (const std::int64_t num_tasks : {0, 1, 2, 1000}) {
    std::vector<std::int64_t> expected(static_cast<std::size_t>(num_tasks));
    std::iota(expected.begin(), expected.end(), 0);
    EXPECT_EQ(every_task(world, num_tasks), expected);
    EXPECT_EQ(every_task(Communicator::serial(), num_tasks), expected);
  }
}

TEST(WorkQueue, KeepsOthersBusyWhileOneHasALongTask) {
  const auto world = Communicator::world();
  if (world.size() == 1) GTEST_SKIP() << "needs other ranks";

  const auto summary =
      for_each_task(world, 21, "uneven", [](std::int64_t task) { sleep_ms(task == 0 ? 300 : 10); });

  // Whoever has the long task does little else: the other ranks share the 20 short ones.
  const auto most = world.all_reduce(summary.tasks_here, Reduce::Max, "most");
  EXPECT_GE(most, 20 / (world.size() - 1));
  EXPECT_LT(summary.elapsed_seconds, 0.45);
  EXPECT_LE(summary.busy_seconds, summary.elapsed_seconds);
  EXPECT_NEAR(world.all_reduce(summary.busy_seconds, Reduce::Sum, "busy"), 0.5, 0.1);
}

TEST(WorkQueue, AThrowStopsHandingOutAndAllThrow) {
  const auto world = Communicator::world();
  std::int64_t started = 0;
  try {
    for_each_task(world, 100000, "failing", [&](std::int64_t task) {
      ++started;
      sleep_ms(1);
      if (task == 5) throw core::DataError("task 5 must not be done");
    });
    ADD_FAILURE() << "nothing thrown";
  } catch (const core::DataError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("task 5 must not be done"));
  }
  EXPECT_LT(started, 100);
}

}  // namespace
}  // namespace tessera::dist
