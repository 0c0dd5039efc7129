// SPDX-License-Identifier: Apache-2.0
// The Delaunay complex of an infinite crystal, modulo its lattice translations: canonical where a
// triangulation is not, because sites that lie on one empty sphere are the corners of one cell, a polytope.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "crystal/mesh.hpp"
#include "crystal/structure.hpp"

namespace tessera::crystal {

struct ComplexCell {
  std::vector<MeshVertex> corners;  // by site and shift; the first has shift 0
  Vector3 center;                   // Å; of the empty sphere
  double circumradius;              // Å
  double volume = 0;                // Å³
};

/// A triangle, or a planar polygon between two polytopes.
struct ComplexFace {
  std::vector<MeshVertex> corners;    // round the polygon; in the frame of the first cell
  std::array<std::int32_t, 2> cells;  // may be one cell and its own image
  Vector3 normal;  // unit, from the first cell to the second; corners run counter-clockwise
};

struct DelaunayComplex {
  Structure cell;  // reduced
  std::vector<ComplexCell> cells;
  std::vector<ComplexFace> faces;
  std::int64_t num_edges = 0;
  double tolerance_angstrom = 0;  // how far from a sphere a site may lie and still be on it
};

/// Sites within 1e-3 Å of an empty sphere lie on it, where this parts the sites clearly (none within a factor
/// of √10 of it) and makes a complex; else the tolerance falls by √10 until it does, down to 1e-6 Å; else the
/// widest that makes a complex at all. A complex is what passes: cells fill the lattice's volume to 1e-9, V −
/// E + F − C = 0, each cell's corners, edges and faces give 2. The structure must have passed check_possible.
/// Raises DataError where no tolerance gives a complex.
DelaunayComplex make_delaunay_complex(const Structure& structure);

}  // namespace tessera::crystal
