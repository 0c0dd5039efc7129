// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/euler_number.hpp"

#include <array>

namespace tessera::microstructure {
namespace {

// How many of the grid's corners (or edges, or faces: those that extend along the axes of `along`) touch a
// cell of the phase.
std::int64_t touched(const PhaseMap& map, int phase, Border border, const std::array<bool, 3>& along) {
  const GridSize& size = map.size;
  GridSize places{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    places[axis] = size[axis] + (along[axis] || border == Border::Periodic ? 0 : 1);
  // The cell behind `place` along an axis, or at it; nothing where there is none.
  const auto cell = [&](std::size_t axis, std::int64_t place, bool behind) -> std::int64_t {
    if (!behind) return place < size[axis] ? place : -1;
    if (place > 0) return place - 1;
    return border == Border::Periodic ? size[axis] - 1 : -1;
  };
  std::int64_t number = 0;
  for (std::int64_t z = 0; z < places[0]; ++z)
    for (std::int64_t y = 0; y < places[1]; ++y)
      for (std::int64_t x = 0; x < places[2]; ++x) {
        bool is_touched = false;
        for (int side = 0; side < 8 && !is_touched; ++side) {
          const std::array<bool, 3> behind{(side & 4) != 0, (side & 2) != 0, (side & 1) != 0};
          if ((behind[0] && along[0]) || (behind[1] && along[1]) || (behind[2] && along[2])) continue;
          const std::int64_t a = cell(0, z, behind[0]), b = cell(1, y, behind[1]), c = cell(2, x, behind[2]);
          if (a < 0 || b < 0 || c < 0) continue;
          is_touched = map.labels[static_cast<std::size_t>((a * size[1] + b) * size[2] + c)] == phase;
        }
        number += is_touched;
      }
  return number;
}

}  // namespace

// Corners less edges plus faces less cells (Euler, Poincaré).
std::int64_t euler_number(const PhaseMap& map, int phase, Border border) {
  std::int64_t euler = 0;
  for (int kind = 0; kind < 8; ++kind) {
    const std::array<bool, 3> along{(kind & 4) != 0, (kind & 2) != 0, (kind & 1) != 0};
    const bool is_plane = map.dimensions() == 2;
    if (is_plane && !along[0]) continue;  // a plane's elements are as thick as it is
    const int dimension = along[0] + along[1] + along[2] - (is_plane ? 1 : 0);
    euler += (dimension % 2 == 0 ? 1 : -1) * touched(map, phase, border, along);
  }
  return euler;
}

}  // namespace tessera::microstructure
