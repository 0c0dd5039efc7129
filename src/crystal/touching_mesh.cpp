// SPDX-License-Identifier: Apache-2.0
#include <CGAL/Triangulation_vertex_base_with_info_3.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "crystal/grid_kernel.hpp"
#include "crystal/mesh.hpp"
#include "crystal/transform.hpp"

namespace tessera::crystal {
namespace {

constexpr int kReach = 2;                // cells on either side of the central one: a block of 5×5×5
constexpr double kCentralMargin = 0.05;  // Å; makes atoms on both opposite faces of the cell central
constexpr double kRounding = 1e-6;       // Å; of lengths computed here

using VertexBase = CGAL::Triangulation_vertex_base_with_info_3<std::int32_t, GridKernel>;
using CellBase = CGAL::Delaunay_triangulation_cell_base_3<GridKernel>;
using Delaunay =
    CGAL::Delaunay_triangulation_3<GridKernel, CGAL::Triangulation_data_structure_3<VertexBase, CellBase>>;
using Point = Delaunay::Point;
using Tetrahedron = std::array<std::int32_t, 4>;  // indices in Block::sites

struct BlockSite {
  MeshVertex vertex;
  Point point;     // grid units
  double outside;  // Å; beyond the cell's faces, no more than the distance to the nearest central site
  bool inserted;
};

// All sites of the 5×5×5 block, by (site, shift). Images differ by exact lattice vectors on the grid, so that
// equal surroundings are split in equal ways.
struct Block {
  std::vector<BlockSite> sites;
  std::vector<std::int32_t> central;
  std::vector<bool> is_central;  // by site of the block
  double grid_angstrom;
};

double grid_spacing(const Matrix3& lattice) {
  const double extent = (2 * kReach + 1) * lattice.cwiseAbs().colwise().sum().maxCoeff();
  return std::exp2(std::ceil(std::log2(extent)) - kGridBits);
}

Block make_block(const Structure& cell) {
  Block block;
  block.grid_angstrom = grid_spacing(cell.lattice);
  // Multiples of 24 grid units: then halves, thirds, quarters and eighths of a lattice vector lie on the
  // grid, and atoms on special positions stay coplanar and, in cubic cells, cospherical.
  const Matrix3 lattice = (cell.lattice / (24 * block.grid_angstrom)).array().round().matrix() * 24;
  const Vector3 lengths = cell.lattice.rowwise().norm();
  const Vector3 heights = perpendicular_heights(cell.lattice);
  for (std::size_t site = 0; site < cell.num_atoms(); ++site) {
    const Vector3 home = (cell.fractional[site] * lattice).array().round();
    for (int a = -kReach; a <= kReach; ++a)
      for (int b = -kReach; b <= kReach; ++b)
        for (int c = -kReach; c <= kReach; ++c) {
          const Vector3 shift(a, b, c);
          const Vector3 place = home + shift * lattice;
          const Vector3 beyond_faces = ((cell.fractional[site] + shift).array() - 0.5).abs() - 0.5;
          const bool central = (beyond_faces.cwiseProduct(lengths).array() <= kCentralMargin).all();
          if (central) block.central.push_back(static_cast<std::int32_t>(block.sites.size()));
          block.is_central.push_back(central);
          block.sites.push_back(
              {{static_cast<std::int32_t>(site),
                {static_cast<std::int8_t>(a), static_cast<std::int8_t>(b), static_cast<std::int8_t>(c)}},
               Point(place[0], place[1], place[2]),
               beyond_faces.cwiseProduct(heights).maxCoeff() - kCentralMargin,
               false});
        }
  }
  return block;
}

bool is_near_central(const Block& block, const BlockSite& site, double radius_angstrom) {
  if (site.outside > radius_angstrom) return false;
  const double radius = radius_angstrom / block.grid_angstrom;
  return std::any_of(block.central.begin(), block.central.end(), [&](std::int32_t central) {
    return CGAL::squared_distance(site.point, block.sites[static_cast<std::size_t>(central)].point) <=
           radius * radius;
  });
}

// Adds the sites within the radius of a central one; false when the whole block is in.
bool insert_within(Block& block, double radius_angstrom, Delaunay& triangulation) {
  std::vector<std::pair<Point, std::int32_t>> points;
  bool any_left = false;
  for (std::size_t i = 0; i < block.sites.size(); ++i) {
    BlockSite& site = block.sites[i];
    if (site.inserted) continue;
    site.inserted = is_near_central(block, site, radius_angstrom);
    if (site.inserted) points.emplace_back(site.point, static_cast<std::int32_t>(i));
    any_left |= !site.inserted;
  }
  triangulation.insert(points.begin(), points.end());
  return any_left;
}

struct Star {
  std::vector<Tetrahedron> tetrahedra;  // all finite ones with a central corner
  double diameter = 0;                  // Å; of the largest circumsphere, infinite where the hull is touched
};

Star central_star(const Block& block, const Delaunay& triangulation) {
  Star star;
  if (triangulation.dimension() < 3) star.diameter = std::numeric_limits<double>::infinity();
  for (auto cell = triangulation.all_cells_begin(); cell != triangulation.all_cells_end(); ++cell) {
    Tetrahedron corners{};
    bool finite = true;
    bool central = false;
    for (int i = 0; i < 4; ++i) {
      const auto vertex = cell->vertex(i);
      if (triangulation.is_infinite(vertex)) {
        finite = false;
      } else {
        corners[static_cast<std::size_t>(i)] = vertex->info();
        central |= block.is_central[static_cast<std::size_t>(vertex->info())];
      }
    }
    if (!central) continue;
    if (finite) {
      star.tetrahedra.push_back(corners);
      const Point center = CGAL::circumcenter(cell->vertex(0)->point(), cell->vertex(1)->point(),
                                              cell->vertex(2)->point(), cell->vertex(3)->point());
      const double radius = std::sqrt(CGAL::squared_distance(center, cell->vertex(0)->point()));
      star.diameter = std::max(star.diameter, 2 * radius * block.grid_angstrom);
    } else {
      star.diameter = std::numeric_limits<double>::infinity();
    }
  }
  return star;
}

// The star of the whole block, found from part of it. A sphere through a central site lies within its
// diameter of that site: once every sphere's diameter is below the radius filled, no site left out can be in
// one.
Star star_of_whole_block(Block& block, double mean_spacing) {
  constexpr double kFirstRadius = 1.65;  // spacings; fastest on Materials Project crystals
  constexpr double kGrowth = 1.3;
  Delaunay triangulation;
  double radius = kFirstRadius * mean_spacing;
  for (;;) {
    const bool any_left = insert_within(block, radius, triangulation);
    Star star = central_star(block, triangulation);
    if (!any_left || star.diameter + kRounding <= radius) return star;
    radius = std::min(star.diameter + 2 * kRounding, kGrowth * radius);
  }
}

std::vector<std::array<std::int32_t, 3>> unique_faces(const std::vector<Tetrahedron>& tetrahedra) {
  std::vector<std::array<std::int32_t, 3>> faces;
  faces.reserve(4 * tetrahedra.size());
  for (Tetrahedron corners : tetrahedra) {
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

  Block block = make_block(mesh.cell);
  const double mean_spacing = std::cbrt(cell.volume() / static_cast<double>(cell.num_atoms()));
  const Star star = star_of_whole_block(block, mean_spacing);
  mesh.faces = unique_faces(star.tetrahedra);

  std::vector<std::int32_t> vertex_of(block.sites.size(), -1);
  for (const auto& face : mesh.faces)
    for (std::int32_t corner : face) vertex_of[static_cast<std::size_t>(corner)] = 0;
  for (std::size_t i = 0; i < block.sites.size(); ++i) {
    if (vertex_of[i] < 0) continue;
    vertex_of[i] = static_cast<std::int32_t>(mesh.vertices.size());
    mesh.vertices.push_back(block.sites[i].vertex);
    if (block.is_central[i]) mesh.central.push_back(vertex_of[i]);
  }
  for (auto& face : mesh.faces)
    for (std::int32_t& corner : face) corner = vertex_of[static_cast<std::size_t>(corner)];
  return mesh;
}

}  // namespace tessera::crystal
