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

  bool had_the_long_one = false;
  const auto summary = for_each_task(world, 21, "uneven", [&](std::int64_t task) {
    had_the_long_one |= task == 0;
    sleep_ms(task == 0 ? 600 : 5);
  });

  // Whoever has the long task does little else: even shares would be 21 / size. (No upper bound on seconds:
  // the machine may be loaded.)
  EXPECT_EQ(world.all_reduce(summary.tasks_here, Reduce::Sum, "all"), 21);
  if (had_the_long_one) {
    EXPECT_LT(summary.tasks_here, 21 / world.size());
  }
  EXPECT_LE(summary.busy_seconds, summary.elapsed_seconds);
  EXPECT_GE(world.all_reduce(summary.busy_seconds, Reduce::Sum, "busy"), 0.6 + 20 * 0.005);
}

TEST(WorkQueue, StopsWhereOneRankMustAndLosesNoTaskThatWasTaken) {
  const auto world = Communicator::world();
  for (const auto& comm : {world, Communicator::serial()}) {
    std::vector<std::int64_t> done;
    const auto work = [&](std::int64_t task) {
      sleep_ms(1);
      done.push_back(task);
    };
    const auto summary = for_each_task(comm, 100000, "tasks", work,
                                       [&] { return comm.rank() == comm.size() - 1 && done.size() >= 5; });

    EXPECT_EQ(summary.tasks_here, static_cast<std::int64_t>(done.size()));
    auto all = comm.all_gather(std::span<const std::int64_t>(done), "done");
    std::sort(all.begin(), all.end());
    std::vector<std::int64_t> first(all.size());
    std::iota(first.begin(), first.end(), 0);
    EXPECT_EQ(all, first);
    EXPECT_LT(all.size(), 1000u);
  }
}

TEST(WorkQueue, StopsBeforeTheFirstTask) {
  const auto world = Communicator::world();
  const auto summary = for_each_task(
      world, 10, "tasks", [](std::int64_t) {}, [] { return true; });
  EXPECT_EQ(world.all_reduce(summary.tasks_here, Reduce::Sum, "all"), 0);
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
