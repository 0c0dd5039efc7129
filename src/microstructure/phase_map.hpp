// SPDX-License-Identifier: Apache-2.0
// A microstructure as labels on a grid of pixels or voxels: which phase is where.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tessera::microstructure {

/// What lies beyond the border: the same structure again, or nothing known.
enum class Border { Periodic, Open };

/// {slices, rows, columns}; a plane has one slice.
using GridSize = std::array<std::int64_t, 3>;

struct PhaseMap {
  GridSize size{1, 0, 0};
  std::vector<std::uint8_t> labels;        // (slices, rows, columns), the last fastest
  std::vector<std::uint16_t> levels = {};  // the grey level of each phase, of a map out of an image

  std::int64_t num_cells() const { return size[0] * size[1] * size[2]; }
  int dimensions() const { return size[0] > 1 ? 3 : 2; }
  /// The axes along which there is more than one cell: 1 and 2 of a plane.
  int first_axis() const { return 3 - dimensions(); }
  /// Half the shorter edge: how far correlations are told.
  std::int64_t reach() const {
    std::int64_t shortest = size[2];
    for (int axis = first_axis(); axis < 3; ++axis)
      shortest =
          size[static_cast<std::size_t>(axis)] < shortest ? size[static_cast<std::size_t>(axis)] : shortest;
    return shortest / 2;
  }
};

/// Share of the cells that are of `phase`.
double phase_fraction(const PhaseMap& map, int phase);

}  // namespace tessera::microstructure
