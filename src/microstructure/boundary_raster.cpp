// SPDX-License-Identifier: Apache-2.0
#include "microstructure/boundary_raster.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <tuple>

namespace tessera::microstructure {
namespace {

// Where a row of pixel centres meets a boundary.
struct Crossing {
  double x;
  double slope;  // dx/dy: of boundaries that meet in one point, the next to follow further down the row
  int cell;      // on the side of larger x
  bool operator<(const Crossing& other) const { return std::tie(x, slope) < std::tie(other.x, other.slope); }
};

// Pixels from `low` to `high`, both included, of those there are.
struct PixelSpan {
  int first, last;
  PixelSpan(double low, double high, int count)
      : first(std::max(static_cast<int>(std::ceil(low - 0.5)), 0)),
        last(std::min(static_cast<int>(std::floor(high - 0.5)), count - 1)) {}
};

}  // namespace

Raster<int> grain_at_pixels(const Polycrystal& polycrystal) {
  Raster<int> grains(static_cast<int>(polycrystal.height_px), static_cast<int>(polycrystal.width_px),
                     kOutside);
  std::vector<std::vector<Crossing>> crossings(static_cast<std::size_t>(grains.height()));
  for (const GrainBoundary& boundary : polycrystal.boundaries)
    for (std::size_t i = 1; i < boundary.points.size(); ++i) {
      const Point a = boundary.points[i - 1], b = boundary.points[i];
      const auto [low, high] = std::minmax(a.y, b.y);
      const PixelSpan rows(low, high, grains.height());
      const double slope = (b.x - a.x) / (b.y - a.y);
      for (int y = rows.first; y <= rows.last; ++y) {
        if (y + 0.5 >= high)
          continue;  // half open: a row through a corner meets the boundaries below it only
        const double x = a.x + (y + 0.5 - a.y) * slope;
        const int cell = b.y > a.y ? boundary.other : boundary.cell;
        crossings[static_cast<std::size_t>(y)].push_back({x, slope, cell});
      }
    }
  for (int y = 0; y < grains.height(); ++y) {
    auto& row = crossings[static_cast<std::size_t>(y)];
    std::sort(row.begin(), row.end());
    auto next = row.begin();
    int cell = kOutside;
    for (int x = 0; x < grains.width(); ++x) {
      for (; next != row.end() && next->x <= x + 0.5; ++next) cell = next->cell;
      grains(y, x) = cell;
    }
  }
  return grains;
}

NearestBoundary nearest_boundary(const Polycrystal& polycrystal, double reach) {
  const int height = static_cast<int>(polycrystal.height_px), width = static_cast<int>(polycrystal.width_px);
  NearestBoundary near{
      {height, width, std::numeric_limits<float>::infinity()}, {height, width, -1}, {height, width}};
  for (std::size_t index = 0; index < polycrystal.boundaries.size(); ++index) {
    const GrainBoundary& boundary = polycrystal.boundaries[index];
    double arc = 0;
    for (std::size_t i = 1; i < boundary.points.size(); ++i) {
      const Point a = boundary.points[i - 1], along = boundary.points[i] - a;
      const double length = std::hypot(along.x, along.y);
      const PixelSpan rows(a.y + std::min(along.y, 0.0) - reach, a.y + std::max(along.y, 0.0) + reach,
                           height);
      const PixelSpan columns(a.x + std::min(along.x, 0.0) - reach, a.x + std::max(along.x, 0.0) + reach,
                              width);
      for (int y = rows.first; y <= rows.last; ++y)
        for (int x = columns.first; x <= columns.last; ++x) {
          const Point from_a = Point{x + 0.5, y + 0.5} - a;
          const double t = std::clamp(dot(from_a, along) / (length * length), 0.0, 1.0);
          const Point apart = from_a - t * along;
          const auto distance = static_cast<float>(std::sqrt(dot(apart, apart)));
          if (distance > reach || distance >= near.distance(y, x)) continue;
          near.distance(y, x) = distance;
          near.boundary(y, x) = static_cast<int>(index);
          near.arc(y, x) = static_cast<float>(arc + t * length);
        }
      arc += length;
    }
  }
  return near;
}

}  // namespace tessera::microstructure
