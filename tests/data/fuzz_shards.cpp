// SPDX-License-Identifier: Apache-2.0
// Feeds damaged shards to their reader. `fuzz_shards COUNT SEED`: the same SEED makes the same ones.
#include <array>

#include "data/crystal_shard.hpp"
#include "data/made_records.hpp"
#include "data/mutated_shard.hpp"
#include "support/fuzz_loop.hpp"

// HDF5 1.10.8 loses some 400 bytes where an object header is damaged (H5O_protect); a leak checker would
// take them for ours.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libhdf5";
}

int main(int argc, char** argv) {
  using namespace tessera;
  const test::FuzzArguments arguments(argc, argv);
  auto periodic = data::made_schema();
  periodic.mesh = "periodic";
  const std::array<std::string, 2> valid = {data::encode_shard(data::made_records(4), data::made_schema()),
                                            data::encode_shard(data::made_records(4, 0, true), periodic)};
  return test::fuzz_loop(arguments.count, [&](std::uint64_t round) {
    data::decode_crystal_shard(data::mutated_shard(valid[round % 2], arguments.seed, round), "fuzz.h5");
  });
}
