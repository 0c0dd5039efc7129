// SPDX-License-Identifier: Apache-2.0
#include "core/call_stack.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "core/symbol_table.hpp"

namespace tessera::core {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

// In a loop that no system call interrupts.
[[gnu::noinline]] void turn_until(const std::atomic<bool>& is_done) {
  while (!is_done) {
  }
}

[[gnu::noinline]] long wait_for_a_byte(int descriptor) {
  char byte = 0;
  return ::read(descriptor, &byte, 1);
}

TEST(CallStack, IsThatOfTheWatchedThreadAndLeavesItsSystemCallsAlone) {
  std::vector<std::string> none, turning, reading;
  std::thread([&] { none = watched_stack(8); }).join();
  EXPECT_THAT(none, IsEmpty());  // nobody is watched yet

  watch_this_thread();
  std::atomic<bool> is_done = false;
  std::thread first([&] {
    turning = watched_stack(8);
    is_done = true;
  });
  turn_until(is_done);
  first.join();

  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  std::thread second([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // until the other waits
    reading = watched_stack(8);
    (void)!::write(ends[1], "x", 1);
  });
  EXPECT_EQ(wait_for_a_byte(ends[0]), 1);
  second.join();

  EXPECT_THAT(turning, Contains("tessera::core::turn_until"));
  EXPECT_LE(turning.size(), 8U);
  EXPECT_THAT(reading, Contains("tessera::core::wait_for_a_byte"));
}

TEST(CallStack, NamesAreShort) {
  EXPECT_EQ(short_function_name("main"), "main");
  EXPECT_EQ(short_function_name(
                "_ZNK7tessera4dist12Communicator7barrierESt17basic_string_viewIcSt11char_traitsIcEE"),
            "tessera::dist::Communicator::barrier");
  EXPECT_EQ(short_function_name("_ZN7tessera12_GLOBAL__N_15countEl.constprop.0"), "tessera::count");
  EXPECT_EQ(short_function_name("_ZSt3maxIdERKT_S2_S2_"), "std::max");  // double const& std::max<double>(…)
  EXPECT_EQ(short_function_name("_ZZN7tessera3runEvENKUliE0_clEi"), "tessera::run::{lambda#2}::operator()");
  EXPECT_EQ(
      short_function_name("_ZNSt17_Function_handlerIFvlEZN7tessera3runEvEUliE0_E9_M_invokeERKSt9_Any_dataOl"),
      "tessera::run::{lambda#2}");
  EXPECT_EQ(short_function_name(std::string(200, 'x'), 20).size(), 22U);  // "…" has three bytes
}

}  // namespace
}  // namespace tessera::core
