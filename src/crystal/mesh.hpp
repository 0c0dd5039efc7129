// SPDX-License-Identifier: Apache-2.0
// A crystal as triangular faces of its Delaunay cells. Corners are references (site and lattice translation),
// not copied positions.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

#include "crystal/structure.hpp"

namespace tessera::crystal {

/// The name of make_periodic_mesh's kind, in options and files.
inline constexpr std::string_view kPeriodicMesh = "periodic";

struct MeshVertex {
  std::int32_t site;                 // index in `cell`
  std::array<std::int8_t, 3> shift;  // lattice translation of that site

  auto operator<=>(const MeshVertex&) const = default;
};

/// Where that image of a site of `cell` lies, Å.
Vector3 position(const Structure& cell, const MeshVertex& vertex);

/// A Delaunay cell: a tetrahedron, or a polytope where more than four sites lie on one empty sphere.
struct MeshCell {
  float volume;        // Å³
  float circumradius;  // Å
};

struct Mesh {
  Structure cell;  // the cell the mesh was built in; not always the one read from the file
  std::vector<MeshVertex> vertices;
  std::vector<std::array<std::int32_t, 3>> faces;  // corners as vertex indices
  std::vector<std::int32_t> central;  // vertices in or on the home cell (DeepCrysTet's "central" atoms)

  // Of a periodic mesh; empty in others.
  std::vector<MeshCell> cells = {};
  std::vector<std::array<std::int32_t, 2>> face_cells = {};  // (faces) behind and before the face

  bool is_periodic() const { return !cells.empty(); }
  Vector3 position(std::int32_t vertex) const;  // Å
};

/// DeepCrysTet's mesh (Tsuruta et al., ICMLA 2023): Delaunay tetrahedra of a 5×5×5 supercell, those that
/// touch the central cell, their faces once each, corners ascending. The earlier slides (JSAI 2022) build the
/// same mesh and differ in the features taken of it. Deterministic; cospherical sites are split by CGAL's
/// symbolic perturbation.
Mesh make_touching_mesh(const Structure& cell);

/// The Delaunay complex of the infinite crystal modulo its lattice translations (see delaunay_complex.hpp):
/// each face of the primitive object once, whatever cell, origin or order of atoms described it; a supercell
/// of k cells has each k times. A polygon of n > 3 corners stands as n triangles, each corner with its two
/// neighbours. Seen from the side that the normal's first component beyond 1e-3 is positive on, corners run
/// counter-clockwise; that side is "before" the face. `central` are the sites of the home cell, once each.
/// Raises DataError as make_delaunay_complex does.
Mesh make_periodic_mesh(const Structure& cell);

}  // namespace tessera::crystal
