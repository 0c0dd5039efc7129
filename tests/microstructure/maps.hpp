// SPDX-License-Identifier: Apache-2.0
// Phase maps whose statistics are known, or small enough to count.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/random.hpp"
#include "microstructure/phase_map.hpp"

namespace tessera::test {

using microstructure::Border;
using microstructure::GridSize;
using microstructure::PhaseMap;

/// `phase_at(z, y, x)` in each cell.
PhaseMap map_of(const GridSize& size, const auto& phase_at) {
  PhaseMap map{.size = size, .labels = {}};
  for (std::int64_t z = 0; z < size[0]; ++z)
    for (std::int64_t y = 0; y < size[1]; ++y)
      for (std::int64_t x = 0; x < size[2]; ++x)
        map.labels.push_back(static_cast<std::uint8_t>(phase_at(z, y, x)));
  return map;
}

/// Phases 0, 1 and 2 at random.
inline PhaseMap random_map(const GridSize& size, std::uint64_t seed = 1) {
  core::RandomStream random(seed, "phases");
  return map_of(size, [&](auto, auto, auto) { return random.bits64() % 3; });
}

inline int at(const PhaseMap& map, std::int64_t z, std::int64_t y, std::int64_t x) {
  return map.labels[static_cast<std::size_t>((z * map.size[1] + y) * map.size[2] + x)];
}

/// Phase 1 within `radius` of the middle.
inline PhaseMap ball(const GridSize& size, double radius) {
  return map_of(size, [&](std::int64_t z, std::int64_t y, std::int64_t x) {
    const auto off = [&](std::int64_t i, std::size_t axis) {
      return static_cast<double>(i) - static_cast<double>(size[axis] - 1) / 2;
    };
    return std::hypot(off(z, 0), off(y, 1), off(x, 2)) <= radius;
  });
}

}  // namespace tessera::test
