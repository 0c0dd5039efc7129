// SPDX-License-Identifier: Apache-2.0
// The Delaunay tetrahedra around chosen sites of a crystal, found from as few of its images as their empty
// spheres need.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "crystal/mesh.hpp"
#include "crystal/structure.hpp"

namespace tessera::crystal {

struct StarOptions {
  int max_reach;           // images from -max_reach to max_reach along each axis, and no others
  double extent_angstrom;  // no two sites that are needed differ by more along x, y or z
  // Lattice vectors are rounded to this many grid units. With 24, halves, thirds, quarters and eighths of
  // them lie on the grid too, and atoms on special positions stay coplanar and, in cubic cells, cospherical;
  // with 1, all sites are as exact as the grid.
  int lattice_multiple;
  double margin_angstrom;  // sites this far outside an empty sphere are found too
};

struct DelaunayStar {
  std::vector<MeshVertex> sites;                        // all that were triangulated
  std::vector<bool> is_central;                         // (sites)
  std::vector<std::array<std::int32_t, 4>> tetrahedra;  // those with a central corner, as rows of `sites`
};

/// Images differ by exact lattice vectors on an integer grid, where predicates are exact and ties fall by
/// order of coordinates: equal surroundings are split in equal ways. `central` in any order, no two alike,
/// in or beside the home cell. Where max_reach stops short of the spheres the star is that of the block.
DelaunayStar find_delaunay_star(const Structure& cell, const std::vector<MeshVertex>& central,
                                const StarOptions& options);

}  // namespace tessera::crystal
