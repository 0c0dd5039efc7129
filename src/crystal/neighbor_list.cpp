// SPDX-License-Identifier: Apache-2.0
#include "crystal/neighbor_list.hpp"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>

#include "crystal/neighbor_search.hpp"

namespace tessera::crystal {
namespace {

constexpr double kTie = 1e-8;    // Å; distances this close are equal
constexpr double kSlack = 1e-9;  // cells; so that rounding loses no image, each is then measured

// std::floor is a library call without SSE4.1, and the ranges here are small.
std::int32_t floor_to_int(double x) {
  const auto truncated = static_cast<std::int32_t>(x);
  return truncated - (x < truncated ? 1 : 0);
}

struct Range {
  std::int32_t first;
  std::int32_t last;
};

// The integers n with |offset + n * step| <= half_width, perhaps one more at either end; step > 0.
Range range_within(double half_width, double offset, double step) {
  const double reach = half_width / step + kSlack;
  const double center = -offset / step;
  return {-floor_to_int(reach - center), floor_to_int(reach + center)};
}

void sort_by_distance_then_place(std::vector<Neighbor>& neighbors) {
  std::sort(neighbors.begin(), neighbors.end(),
            [](const Neighbor& a, const Neighbor& b) { return a.distance < b.distance; });
  for (auto first = neighbors.begin(); first != neighbors.end();) {
    auto last = first + 1;
    while (last != neighbors.end() && last->distance - (last - 1)->distance <= kTie) ++last;
    std::sort(first, last, [](const Neighbor& a, const Neighbor& b) {
      return a.atom != b.atom ? a.atom < b.atom : a.shift < b.shift;
    });
    first = last;
  }
}

}  // namespace

NeighborSearch::NeighborSearch(const Structure& structure) : structure_(structure) {
  const Matrix3& lattice = structure.lattice;
  const Vector3 z = lattice.row(2).normalized();
  const Vector3 x = lattice.row(1).cross(lattice.row(2)).normalized();
  const Vector3 y = z.cross(x);
  Matrix3 axes;
  axes << x, y, z;
  turned_ = lattice * axes.transpose();
  if (turned_(0, 0) < 0) turned_.col(0) *= -1;  // a left-handed cell: mirrored, which no distance sees
}

void NeighborSearch::append_images(std::size_t atom, std::size_t other, double radius) {
  const Vector3 difference = structure_.fractional[other] - structure_.fractional[atom];
  const double radius_squared = radius * radius;
  const Range a_range = range_within(radius, difference[0] * turned_(0, 0), turned_(0, 0));
  for (std::int32_t a = a_range.first; a <= a_range.last; ++a) {
    const double fraction_a = difference[0] + a;
    const double x = fraction_a * turned_(0, 0);
    const double left_of_x = radius_squared - x * x;
    const double y_offset = fraction_a * turned_(0, 1) + difference[1] * turned_(1, 1);
    const Range b_range = range_within(std::sqrt(std::max(0.0, left_of_x)), y_offset, turned_(1, 1));
    for (std::int32_t b = b_range.first; b <= b_range.last; ++b) {
      const double y = y_offset + b * turned_(1, 1);
      const double left_of_y = left_of_x - y * y;
      const double z_offset =
          fraction_a * turned_(0, 2) + (difference[1] + b) * turned_(1, 2) + difference[2] * turned_(2, 2);
      const Range c_range = range_within(std::sqrt(std::max(0.0, left_of_y)), z_offset, turned_(2, 2));
      for (std::int32_t c = c_range.first; c <= c_range.last; ++c) {
        const double z = z_offset + c * turned_(2, 2);
        const double distance_squared = x * x + y * y + z * z;
        if (distance_squared > radius_squared) continue;
        if (other == atom && a == 0 && b == 0 && c == 0) continue;
        found_.push_back({static_cast<std::int32_t>(other), {a, b, c}, std::sqrt(distance_squared)});
      }
    }
  }
}

std::span<const Neighbor> NeighborSearch::within(std::size_t atom, double radius_angstrom) {
  found_.clear();
  for (std::size_t other = 0; other < structure_.num_atoms(); ++other)
    append_images(atom, other, radius_angstrom);
  sort_by_distance_then_place(found_);
  return found_;
}

NeighborList find_neighbors(const Structure& structure, double cutoff_angstrom) {
  NeighborSearch search(structure);
  NeighborList list;
  list.offsets.push_back(0);
  for (std::size_t atom = 0; atom < structure.num_atoms(); ++atom) {
    const auto found = search.within(atom, cutoff_angstrom);
    list.neighbors.insert(list.neighbors.end(), found.begin(), found.end());
    list.offsets.push_back(static_cast<std::int64_t>(list.neighbors.size()));
  }
  return list;
}

}  // namespace tessera::crystal
