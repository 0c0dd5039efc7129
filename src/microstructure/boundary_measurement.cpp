// SPDX-License-Identifier: Apache-2.0
#include "microstructure/boundary_measurement.hpp"

#include <limits>

#include "microstructure/bit_raster.hpp"
#include "microstructure/boundary_length.hpp"

namespace tessera::microstructure {

BoundaryMeasurement measure_boundaries(const Mask& mask, const BoundaryNetwork& network) {
  BoundaryMeasurement measured;
  measured.length_px = boundary_length(network.graph);
  measured.triple_junctions = count_triple_junctions(network.graph);
  measured.grains = measure_grains(network);
  const BitRaster precipitate(pixels_of_class(mask, kPrecipitateClass));
  const std::int64_t covered = precipitate.count();
  measured.carbide_fraction = static_cast<double>(covered) / static_cast<double>(mask.size());
  if (measured.length_px == 0)
    measured.carbide_boundary_ratio = std::numeric_limits<double>::quiet_NaN();
  else if (covered > 0)
    measured.carbide_boundary_ratio =
        boundary_length_within(network.graph, dilate(precipitate, 1).mask()) / measured.length_px;
  return measured;
}

}  // namespace tessera::microstructure
