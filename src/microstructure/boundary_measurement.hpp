// SPDX-License-Identifier: Apache-2.0
// Everything `measure` says of one mask.
#pragma once

#include "microstructure/grain_size.hpp"

namespace tessera::microstructure {

/// Lengths and areas in pixels; NaN where there is nothing to be measured.
struct BoundaryMeasurement {
  double length_px = 0;
  std::int64_t triple_junctions = 0;
  GrainSize grains;
  double carbide_fraction = 0;  // area of precipitates over the picture's
  double carbide_boundary_ratio =
      0;  // boundary length within 1 px of a precipitate, over the boundary length
};

/// `mask` holds classes (see boundary_network.hpp), `network` is traced from it.
BoundaryMeasurement measure_boundaries(const Mask& mask, const BoundaryNetwork& network);

}  // namespace tessera::microstructure
