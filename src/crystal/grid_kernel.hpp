// SPDX-License-Identifier: Apache-2.0
// A CGAL kernel for points on an integer grid: the two predicates of a Delaunay triangulation in 128-bit
// integers where doubles cannot decide. Crystals are full of cospherical atoms, where CGAL's own kernel
// falls back to arbitrary precision nearly every time.
#pragma once

#include <CGAL/Delaunay_triangulation_3.h>
#include <CGAL/Exact_predicates_inexact_constructions_kernel.h>

#include <cmath>
#include <cstdint>

namespace tessera::crystal {

/// Coordinates are integers held in doubles and differ by less than 2^kGridBits, so that the largest
/// determinant, below 2^(5 * 24 + 6), fits.
constexpr int kGridBits = 24;

__extension__ using Int128 = __int128;

struct GridPoint {
  std::int64_t x, y, z;
  std::int64_t squared() const { return x * x + y * y + z * z; }
};

template <typename Point>
GridPoint grid_difference(const Point& p, const Point& q) {
  return {static_cast<std::int64_t>(p.x() - q.x()), static_cast<std::int64_t>(p.y() - q.y()),
          static_cast<std::int64_t>(p.z() - q.z())};
}

inline int sign_of(Int128 value) {
  return (value > 0) - (value < 0);
}

struct GridOrientation {
  using result_type = CGAL::Sign;
  template <typename Point>
  CGAL::Sign operator()(const Point& p, const Point& q, const Point& r, const Point& s) const {
    const GridPoint a = grid_difference(q, p);
    const GridPoint b = grid_difference(r, p);
    const GridPoint c = grid_difference(s, p);
    const Int128 determinant = static_cast<Int128>(a.x) * (b.y * c.z - b.z * c.y) +
                               static_cast<Int128>(a.y) * (b.z * c.x - b.x * c.z) +
                               static_cast<Int128>(a.z) * (b.x * c.y - b.y * c.x);
    return CGAL::Sign(sign_of(determinant));
  }
};

struct GridSideOfSphere {
  using result_type = CGAL::Oriented_side;
  template <typename Point>
  CGAL::Oriented_side operator()(const Point& p, const Point& q, const Point& r, const Point& s,
                                 const Point& t) const {
    const GridPoint a = grid_difference(p, t);
    const GridPoint b = grid_difference(q, t);
    const GridPoint c = grid_difference(r, t);
    const GridPoint d = grid_difference(s, t);
    const std::int64_t ab = a.x * b.y - b.x * a.y, ac = a.x * c.y - c.x * a.y, ad = a.x * d.y - d.x * a.y;
    const std::int64_t bc = b.x * c.y - c.x * b.y, bd = b.x * d.y - d.x * b.y, cd = c.x * d.y - d.x * c.y;
    const auto times = [](std::int64_t u, std::int64_t v) { return static_cast<Int128>(u) * v; };
    const Int128 abc = times(a.z, bc) - times(b.z, ac) + times(c.z, ab);
    const Int128 abd = times(a.z, bd) - times(b.z, ad) + times(d.z, ab);
    const Int128 acd = times(a.z, cd) - times(c.z, ad) + times(d.z, ac);
    const Int128 bcd = times(b.z, cd) - times(c.z, bd) + times(d.z, bc);
    const Int128 determinant = abc * d.squared() - abd * c.squared() + acd * b.squared() - bcd * a.squared();
    return CGAL::Oriented_side(-sign_of(determinant));
  }
};

struct GridKernel : CGAL::Exact_predicates_inexact_constructions_kernel {
  using Orientation_3 = GridOrientation;
  using Side_of_oriented_sphere_3 = GridSideOfSphere;
  Orientation_3 orientation_3_object() const { return {}; }
  Side_of_oriented_sphere_3 side_of_oriented_sphere_3_object() const { return {}; }
};

}  // namespace tessera::crystal
