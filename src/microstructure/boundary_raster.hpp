// SPDX-License-Identifier: Apache-2.0
// A polycrystal on the pixels of its window: whose grain a pixel's centre lies in, which boundary is near.
#pragma once

#include "microstructure/polycrystal.hpp"
#include "microstructure/raster.hpp"

namespace tessera::microstructure {

/// The grain at each pixel's centre, 0 to num_cells − 1.
Raster<int> grain_at_pixels(const Polycrystal& polycrystal);

/// Of each pixel's centre; what lies farther than `reach` from every boundary has boundary −1, distance
/// infinity.
struct NearestBoundary {
  Raster<float> distance;  // px
  Raster<int> boundary;    // index in Polycrystal::boundaries
  Raster<float> arc;       // px along that boundary from its first point to the nearest one
};

NearestBoundary nearest_boundary(const Polycrystal& polycrystal, double reach);

}  // namespace tessera::microstructure
