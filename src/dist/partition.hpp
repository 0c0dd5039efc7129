// SPDX-License-Identifier: Apache-2.0
// Which items belong to which rank: contiguous blocks, the first ones longer by one where it does not divide.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tessera::dist {

struct Block {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  constexpr std::int64_t size() const { return end - begin; }
  constexpr bool operator==(const Block&) const = default;
};

/// The items [begin, end) of `part` when [0, num_items) is cut into `num_parts` blocks; empty for late parts
/// where there are more parts than items.
constexpr Block partition(std::int64_t num_items, std::int64_t num_parts, std::int64_t part) {
  const std::int64_t length = num_items / num_parts, longer = num_items % num_parts;
  const std::int64_t begin = part * length + std::min(part, longer);
  return {begin, begin + length + (part < longer ? 1 : 0)};
}

}  // namespace tessera::dist
