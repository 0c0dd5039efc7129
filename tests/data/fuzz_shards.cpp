// SPDX-License-Identifier: Apache-2.0
// Feeds damaged shards to their reader: each must be read or refused with one of our errors, never crash or
// hang. `fuzz_shards COUNT SEED` runs COUNT of them; the same SEED makes the same ones.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "data/crystal_shard.hpp"
#include "data/made_records.hpp"
#include "data/mutated_shard.hpp"

// HDF5 1.10.8 loses some 400 bytes where an object header is damaged (H5O_protect); a leak checker would
// take them for ours.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5";
}

namespace {

using namespace tessera;

constexpr unsigned kHangSeconds = 20;

int run(std::uint64_t count, std::uint64_t seed) {
  const auto valid = data::encode_shard(data::made_records(4), data::made_schema());
  std::uint64_t read = 0, refused = 0;
  double slowest = 0.0;
  for (std::uint64_t round = 0; round < count; ++round) {
    const auto bytes = data::mutated_shard(valid, seed, round);
    ::alarm(kHangSeconds);  // a hang ends the program by SIGALRM
    const core::Stopwatch watch;
    try {
      data::decode_shard(bytes, "fuzz.h5");
      ++read;
    } catch (const core::InternalError& error) {
      fmt::print(stderr, "shard {}: {}\n", round, error.what());
      return 1;
    } catch (const core::Error&) {
      ++refused;
    } catch (const std::exception& error) {
      fmt::print(stderr, "shard {} ended in an error that is not ours: {}\n", round, error.what());
      return 1;
    }
    if (watch.seconds() > slowest) slowest = watch.seconds();
  }
  fmt::print("inputs={} read={} refused={} slowest_seconds={:.3f}\n", count, read, refused, slowest);
  return read > 0 && refused > count / 4 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 4000;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  return run(count, seed);
}
