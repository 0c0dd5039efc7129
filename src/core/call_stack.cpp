// SPDX-License-Identifier: Apache-2.0
#include "core/call_stack.hpp"

#include <dlfcn.h>
#include <execinfo.h>
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>
#include <thread>

#include "core/clock.hpp"
#include "core/symbol_table.hpp"

namespace tessera::core {
namespace {

constexpr int kMostFrames = 96;
constexpr int kFramesOfTheHandler = 2;  // itself, and what the kernel returns through

// A handler may touch nothing else, and can be given nothing.
std::array<void*, kMostFrames> noted;
std::atomic<int> num_noted{-1};

struct Watched {
  pthread_t thread{};
  pid_t id = 0;  // the kernel's
  SymbolTable program;
};
std::unique_ptr<const Watched> watched;

void note_stack(int) {
  const int error = errno;
  num_noted = backtrace(noted.data(), kMostFrames);
  errno = error;
}

std::string name_of(const Watched& of, std::uintptr_t address) {
  if (const auto own = of.program.name_at(address)) return short_function_name(*own);
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(address), &info) == 0) return fmt::format("{:#x}", address);
  if (info.dli_sname) return short_function_name(info.dli_sname);
  const std::string_view file(info.dli_fname);
  return fmt::format("{}+{:#x}", file.substr(file.rfind('/') + 1),
                     address - reinterpret_cast<std::uintptr_t>(info.dli_fbase));
}

bool tells_nothing(const std::string& name) {
  constexpr std::array<std::string_view, 3> kPlumbing{"std::__invoke", "std::_Function_handler",
                                                      "std::function"};
  return std::ranges::any_of(kPlumbing, [&](auto start) { return name.starts_with(start); });
}

// The second field of its stat is a name in brackets, which may hold anything; the third is one letter.
std::string said_by_the_kernel(pid_t thread) {
  const auto read = [&](const char* name) {
    std::ifstream file(fmt::format("/proc/self/task/{}/{}", thread, name));
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const auto stat = read("stat"), place = read("wchan");
  const auto bracket = stat.rfind(") ");
  const char state = bracket == std::string::npos ? '?' : stat[bracket + 2];
  return fmt::format("a system call that takes no signal (state {}{})", state,
                     place.empty() || place == "0" ? "" : ", " + place);
}

}  // namespace

void watch_this_thread() {
  if (watched) return;
  const int number = SIGRTMIN + 7;
  struct sigaction action {};
  sigaction(number, nullptr, &action);
  if (action.sa_handler != SIG_DFL) return;
  void* warm_up = nullptr;
  backtrace(&warm_up, 1);  // the first one loads a library, which a handler may not
  watched = std::make_unique<Watched>(Watched{pthread_self(), ::gettid(), SymbolTable::of_this_program()});
  action = {};
  action.sa_flags = SA_RESTART;
  action.sa_handler = note_stack;
  sigaction(number, &action, nullptr);
}

std::vector<std::string> watched_stack(std::size_t max_frames, double seconds) {
  if (!watched) return {};
  num_noted = -1;
  pthread_kill(watched->thread, SIGRTMIN + 7);
  for (const Stopwatch since; num_noted < 0 && since.seconds() < seconds;)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const int taken = num_noted;
  if (taken < 0) return {said_by_the_kernel(watched->id)};
  std::vector<std::string> frames;
  for (int i = kFramesOfTheHandler; i < taken && frames.size() < max_frames; ++i) {
    // All but the innermost are where a call returns to, which may be behind the function's end.
    const auto address = reinterpret_cast<std::uintptr_t>(noted[static_cast<std::size_t>(i)]);
    auto name = name_of(*watched, address - (i > kFramesOfTheHandler ? 1 : 0));
    const bool is_last = name == "main";
    if (!tells_nothing(name)) frames.push_back(std::move(name));
    if (is_last) break;
  }
  return frames;
}

}  // namespace tessera::core
