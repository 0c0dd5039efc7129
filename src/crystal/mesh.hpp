// SPDX-License-Identifier: Apache-2.0
// A crystal as triangular faces of its Delaunay tetrahedra. Corners are references (site and lattice
// translation), not copied positions.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "crystal/structure.hpp"

namespace tessera::crystal {

struct MeshVertex {
  std::int32_t site;                 // index in `cell`
  std::array<std::int8_t, 3> shift;  // lattice translation of that site
};

struct Mesh {
  Structure cell;  // the cell the mesh was built in; not always the one read from the file
  std::vector<MeshVertex> vertices;
  std::vector<std::array<std::int32_t, 3>> faces;  // corners as vertex indices, ascending
  std::vector<std::int32_t> central;  // vertices in or on the home cell (DeepCrysTet's "central" atoms)

  Vector3 position(std::int32_t vertex) const;  // Å
};

/// DeepCrysTet's mesh (Tsuruta et al., ICMLA 2023): Delaunay tetrahedra of a 5×5×5 supercell, those that
/// touch the central cell, their faces once each. The earlier slides (JSAI 2022) build the same mesh and
/// differ in the features taken of it. Deterministic; cospherical sites are split by CGAL's symbolic
/// perturbation.
Mesh make_touching_mesh(const Structure& cell);

}  // namespace tessera::crystal
