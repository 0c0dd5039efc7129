// SPDX-License-Identifier: Apache-2.0
// The loop of a fuzz program: each input must be read or refused with one of our errors, never crash or hang.
#pragma once

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "core/clock.hpp"
#include "core/error.hpp"

namespace tessera::test {

/// COUNT and SEED of a fuzz program's command line; 4 000 inputs and seed 1 without them.
struct FuzzArguments {
  std::uint64_t count = 4000, seed = 1;

  FuzzArguments(int argc, char** argv) {
    if (argc > 1) count = std::strtoull(argv[1], nullptr, 10);
    if (argc > 2) seed = std::strtoull(argv[2], nullptr, 10);
  }
};

/// Calls read_input(round) for each round and prints how many were read and refused; the exit code. Where
/// not one input is read, or fewer than a quarter are refused, the mutations test nothing: exit code 1.
template <typename ReadInput>
int fuzz_loop(std::uint64_t count, ReadInput&& read_input) {
  constexpr unsigned kHangSeconds = 20;
  std::uint64_t read = 0, refused = 0;
  double slowest = 0.0;
  for (std::uint64_t round = 0; round < count; ++round) {
    ::alarm(kHangSeconds);  // a hang ends the program by SIGALRM
    const core::Stopwatch watch;
    try {
      read_input(round);
      ++read;
    } catch (const core::InternalError& error) {
      fmt::print(stderr, "input {}: {}\n", round, error.what());
      return 1;
    } catch (const core::Error&) {
      ++refused;
    } catch (const std::exception& error) {
      fmt::print(stderr, "input {} ended in an error that is not ours: {}\n", round, error.what());
      return 1;
    }
    slowest = std::max(slowest, watch.seconds());
  }
  fmt::print("inputs={} read={} refused={} slowest_seconds={:.3f}\n", count, read, refused, slowest);
  return read > 0 && refused > count / 4 ? 0 : 1;
}

}  // namespace tessera::test
