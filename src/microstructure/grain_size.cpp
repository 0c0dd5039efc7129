// SPDX-License-Identifier: Apache-2.0
#include "microstructure/grain_size.hpp"

#include <cmath>
#include <limits>

#include "microstructure/boundary_length.hpp"
#include "microstructure/connected_regions.hpp"

namespace tessera::microstructure {

GrainSize measure_grains(const BoundaryNetwork& network) {
  GrainSize size;
  for (const Region& region : connected_regions(network.mask, false, Connectivity::Four).regions) {
    // The grid cuts single pixels off a grain's sharp corners.
    if (region.area_px < 2) continue;
    ++size.grains;
    size.grains_at_edge += region.at_edge;
    size.planimetric_grains += !region.at_edge ? 1 : region.corners == 0 ? 0.5 : 0.25 * region.corners;
  }
  const double area = static_cast<double>(network.mask.size());
  size.mean_area_px =
      size.planimetric_grains > 0 ? area / size.planimetric_grains : std::numeric_limits<double>::quiet_NaN();
  size.mean_intercept_px = mean_intercept(network.graph);
  return size;
}

double astm_number_from_intercept(double mean_intercept_mm) {
  return -6.643856 * std::log10(mean_intercept_mm) - 3.288;
}

double astm_number_from_density(double grains_per_mm2) {
  return 3.321928 * std::log10(grains_per_mm2) - 2.954;
}

}  // namespace tessera::microstructure
