// SPDX-License-Identifier: Apache-2.0
// What must hold of every Delaunay complex, by its definition.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "crystal/delaunay_complex.hpp"

namespace tessera::crystal {

inline std::vector<MeshVertex> images(const Structure& cell, int reach) {
  std::vector<MeshVertex> found;
  for (std::int32_t site = 0; site < static_cast<std::int32_t>(cell.num_atoms()); ++site)
    for (int a = -reach; a <= reach; ++a)
      for (int b = -reach; b <= reach; ++b)
        for (int c = -reach; c <= reach; ++c)
          found.push_back(
              {site,
               {static_cast<std::int8_t>(a), static_cast<std::int8_t>(b), static_cast<std::int8_t>(c)}});
  return found;
}

/// Every cell's sphere has all its corners on it and no site in it.
inline void expect_empty_spheres(const DelaunayComplex& complex) {
  const auto sites = images(complex.cell, 4);
  for (const ComplexCell& cell : complex.cells) {
    EXPECT_GT(cell.volume, 0);
    std::size_t on_sphere = 0;
    for (const MeshVertex& site : sites) {
      const double outside = (position(complex.cell, site) - cell.center).norm() - cell.circumradius;
      ASSERT_GT(outside, -2 * complex.tolerance_angstrom);
      on_sphere += outside < 2 * complex.tolerance_angstrom ? 1 : 0;
    }
    ASSERT_EQ(on_sphere, cell.corners.size());
  }
}

/// The cells fill the lattice, and their numbers fit a torus.
inline void expect_sums(const DelaunayComplex& complex) {
  double volume = 0;
  for (const ComplexCell& cell : complex.cells) volume += cell.volume;
  EXPECT_NEAR(volume / complex.cell.volume(), 1, 1e-9);
  const auto count = [](const auto& of) { return static_cast<std::int64_t>(of.size()); };
  EXPECT_EQ(count(complex.cell.elements) - complex.num_edges + count(complex.faces) - count(complex.cells),
            0);
}

}  // namespace tessera::crystal
