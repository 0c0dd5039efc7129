// SPDX-License-Identifier: Apache-2.0
// A polycrystal seen through a rectangular window: grains of lognormal size that fill the plane, their
// boundaries as polylines whose length is known exactly.
#pragma once

#include <vector>

#include "core/random.hpp"
#include "microstructure/laguerre_tessellation.hpp"

namespace tessera::microstructure {

struct PolycrystalOptions {
  double width_px = 256;
  double height_px = 256;
  double grain_size_px = 34;  // mean over the grains of the diameter of the circle of equal area
  double spread = 0.45;       // standard deviation of the logarithm of that diameter
  double roughness = 0.8;     // 0: straight boundaries; 1: bent by waves of slope 1 or so
};

/// Between grains `cell` and `other` (kOutside at the polycrystal's own rim, which is never in the window).
struct GrainBoundary {
  std::vector<Point> points;
  int cell, other;  // `cell` on the side to which the direction turns from x to y
};

struct Polycrystal {
  double width_px = 0, height_px = 0;  // the window; grains go on beyond it
  int num_cells = 0;
  std::vector<GrainBoundary> boundaries;
  std::vector<Point> triple_junctions;  // those in the window

  /// px, of what lies in the window.
  double boundary_length() const;
};

/// Sizes are drawn, then reached by moving each seed of a power diagram to its cell's centroid and its weight
/// towards the area wanted. The boundaries are then bent by a row of shear waves, each of which maps the
/// plane onto itself one to one: neighbours stay neighbours and no boundary crosses another.
Polycrystal make_polycrystal(const PolycrystalOptions& options, core::RandomStream& random);

/// px; of the part of the segment in [0, width] × [0, height].
double length_in_window(Point from, Point to, double width, double height);

}  // namespace tessera::microstructure
