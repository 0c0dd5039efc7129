// SPDX-License-Identifier: Apache-2.0
// How large grains are, as ASTM E112-13 counts them: by the grains in an area (planimetric) and by the
// boundaries that straight lines cross (intercept). The picture itself is the test area; the lines run along
// its rows and columns.
#pragma once

#include "microstructure/boundary_network.hpp"

namespace tessera::microstructure {

struct GrainSize {
  std::int64_t grains = 0;          // regions between boundaries, cut ones too; a lone pixel is none
  std::int64_t grains_at_edge = 0;  // of them, cut by the picture's edge
  double planimetric_grains = 0;    // in the picture: one inside counts 1, one cut ½, one cut at a corner ¼
  double mean_area_px = 0;          // the picture's area over that number
  double mean_intercept_px = 0;     // NaN without a boundary
};

/// The sizes do not depend on how thick boundaries are drawn.
GrainSize measure_grains(const BoundaryNetwork& network);

/// ASTM grain-size number G (E112-13) of a mean lineal intercept, in mm at true scale: 0 at 0.32 mm.
double astm_number_from_intercept(double mean_intercept_mm);

/// G of the number of grains in a square millimetre at true scale: 1 at 15.5.
double astm_number_from_density(double grains_per_mm2);

}  // namespace tessera::microstructure
