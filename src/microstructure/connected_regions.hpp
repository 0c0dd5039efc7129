// SPDX-License-Identifier: Apache-2.0
// Which pixels hang together. Where boundaries are 8-connected, the grains between them are 4-connected.
#pragma once

#include "microstructure/raster.hpp"

namespace tessera::microstructure {

enum class Connectivity { Four, Eight };

struct Region {
  std::int64_t area_px = 0;
  bool at_edge = false;  // reaches the picture's edge
  int corners = 0;       // of the picture's four, held by it
};

struct Regions {
  Raster<std::int32_t>
      labels;  // 0 where the mask is not of the phase asked for; else 1 + index of the region
  std::vector<Region> regions;  // by their first pixel, row by row
};

/// The connected regions of the pixels that are set (not 0), or of those that are not.
Regions connected_regions(const Mask& mask, bool set, Connectivity connectivity);

/// Topology of the set pixels, 8-connected, in a plane that is empty outside the picture.
struct BettiNumbers {
  std::int64_t parts = 0;  // Betti-0
  std::int64_t holes = 0;  // Betti-1: unset regions closed in on all sides
};
BettiNumbers betti_numbers(const Mask& mask);

}  // namespace tessera::microstructure
