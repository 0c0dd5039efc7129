// SPDX-License-Identifier: Apache-2.0
#include "microstructure/grain_size.hpp"

#include <cmath>
#include <limits>

#include "microstructure/connected_regions.hpp"

namespace tessera::microstructure {
namespace {

// Boundaries met along all rows and all columns: each stretch of skeleton on one of them is met once.
std::int64_t count_crossings(const Mask& skeleton) {
  std::int64_t crossings = 0;
  for (int y = 0; y < skeleton.height(); ++y)
    for (int x = 0; x < skeleton.width(); ++x) {
      if (!skeleton(y, x)) continue;
      crossings += x == 0 || !skeleton(y, x - 1);
      crossings += y == 0 || !skeleton(y - 1, x);
    }
  return crossings;
}

}  // namespace

GrainSize measure_grains(const Mask& boundary, const Mask& skeleton) {
  GrainSize size;
  for (const Region& region : connected_regions(boundary, false, Connectivity::Four).regions) {
    // The grid cuts single pixels off a grain's sharp corners.
    if (region.area_px < 2) continue;
    ++size.grains;
    size.grains_at_edge += region.at_edge;
    size.planimetric_grains += !region.at_edge ? 1 : region.corners == 0 ? 0.5 : 0.25 * region.corners;
  }
  const double area = static_cast<double>(boundary.size());
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const auto crossings = static_cast<double>(count_crossings(skeleton));
  size.mean_area_px = size.planimetric_grains > 0 ? area / size.planimetric_grains : nothing;
  size.mean_intercept_px = crossings > 0 ? 2 * area / crossings : nothing;
  return size;
}

double astm_number_from_intercept(double mean_intercept_mm) {
  return -6.643856 * std::log10(mean_intercept_mm) - 3.288;
}

double astm_number_from_density(double grains_per_mm2) {
  return 3.321928 * std::log10(grains_per_mm2) - 2.954;
}

}  // namespace tessera::microstructure
