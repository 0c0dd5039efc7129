// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "crystal/delaunay_star.hpp"
#include "crystal/mesh.hpp"
#include "crystal/transform.hpp"

namespace tessera::crystal {
namespace {

constexpr int kReach = 2;                // cells on either side of the central one: a block of 5×5×5
constexpr double kCentralMargin = 0.05;  // Å; makes atoms on both opposite faces of the cell central
constexpr double kRounding = 1e-6;       // Å; of lengths computed here

// Atoms in the cell and on its faces, whatever side.
std::vector<MeshVertex> central_atoms(const Structure& cell) {
  const Vector3 lengths = cell.lattice.rowwise().norm();
  std::vector<MeshVertex> central;
  for (std::size_t site = 0; site < cell.num_atoms(); ++site)
    for (int a = -1; a <= 1; ++a)
      for (int b = -1; b <= 1; ++b)
        for (int c = -1; c <= 1; ++c) {
          const Vector3 place = cell.fractional[site] + Vector3(a, b, c);
          const Vector3 beyond_faces = (place.array() - 0.5).abs() - 0.5;
          if ((beyond_faces.cwiseProduct(lengths).array() <= kCentralMargin).all())
            central.push_back(
                {static_cast<std::int32_t>(site),
                 {static_cast<std::int8_t>(a), static_cast<std::int8_t>(b), static_cast<std::int8_t>(c)}});
        }
  return central;
}

DelaunayStar touching_star(const Structure& cell) {
  const double extent = (2 * kReach + 1) * cell.lattice.cwiseAbs().colwise().sum().maxCoeff();
  return find_delaunay_star(
      cell, central_atoms(cell),
      {.max_reach = kReach, .extent_angstrom = extent, .lattice_multiple = 24, .margin_angstrom = kRounding});
}

std::vector<std::array<std::int32_t, 3>> unique_faces(const DelaunayStar& star,
                                                      const std::vector<std::int32_t>& vertex_of) {
  std::vector<std::array<std::int32_t, 3>> faces;
  faces.reserve(4 * star.tetrahedra.size());
  for (std::array<std::int32_t, 4> corners : star.tetrahedra) {
    for (std::int32_t& corner : corners) corner = vertex_of[static_cast<std::size_t>(corner)];
    std::sort(corners.begin(), corners.end());
    const auto [a, b, c, d] = corners;
    faces.insert(faces.end(), {{a, b, c}, {a, b, d}, {a, c, d}, {b, c, d}});
  }
  std::sort(faces.begin(), faces.end());
  faces.erase(std::unique(faces.begin(), faces.end()), faces.end());
  return faces;
}

}  // namespace

Mesh make_touching_mesh(const Structure& cell) {
  Mesh mesh;
  mesh.cell = cell;
  // Into [-1e-6, 1 - 1e-6): an atom at 0.99999999 is one at 0 that was rounded.
  for (Vector3& position : mesh.cell.fractional)
    position = wrapped(position.array() + kRounding).array() - kRounding;

  const DelaunayStar star = touching_star(mesh.cell);

  // Vertices in order of site and shift, those of the star's tetrahedra only.
  std::vector<bool> is_used(star.sites.size(), false);
  for (const auto& corners : star.tetrahedra)
    for (const std::int32_t corner : corners) is_used[static_cast<std::size_t>(corner)] = true;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < star.sites.size(); ++i)
    if (is_used[i]) order.push_back(i);
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return star.sites[i] < star.sites[j]; });
  std::vector<std::int32_t> vertex_of(star.sites.size(), -1);
  for (const std::size_t i : order) {
    vertex_of[i] = static_cast<std::int32_t>(mesh.vertices.size());
    if (star.is_central[i]) mesh.central.push_back(vertex_of[i]);
    mesh.vertices.push_back(star.sites[i]);
  }
  mesh.faces = unique_faces(star, vertex_of);
  return mesh;
}

}  // namespace tessera::crystal
