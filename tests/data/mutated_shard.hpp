// SPDX-License-Identifier: Apache-2.0
// Damaged shards, made from a valid one: the same seed and round give the same bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "core/random.hpp"

namespace tessera::data {

inline std::string mutated_shard(const std::string& valid, std::uint64_t seed, std::uint64_t round) {
  core::RandomStream random(seed, "shard fuzz", round);
  auto bytes = valid;
  for (auto mutations = 1 + random.below(6); mutations > 0; --mutations) {
    const auto at = random.below(bytes.size());
    const auto length = std::min<std::size_t>(8, bytes.size() - at);
    switch (random.below(4)) {
      case 0: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8))); break;
      case 1: bytes[at] = static_cast<char>(random.below(256)); break;
      case 2: bytes[at] = static_cast<char>(random.below(2) ? 0xff : 0x7f); break;
      default:  // an address or a count from elsewhere
        bytes.replace(at, length, valid, random.below(valid.size() - 8), length);
    }
  }
  if (random.below(20) == 0) bytes.resize(random.below(bytes.size()));
  return bytes;
}

}  // namespace tessera::data
