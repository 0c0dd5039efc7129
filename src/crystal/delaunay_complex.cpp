// SPDX-License-Identifier: Apache-2.0
#include "crystal/delaunay_complex.hpp"

#include <fmt/core.h>

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "crystal/empty_spheres.hpp"
#include "crystal/lattice_reduction.hpp"

namespace tessera::crystal {
namespace {

using Shift = std::array<std::int8_t, 3>;

DelaunayStar star_of_home_sites(const Structure& cell, double margin) {
  std::vector<MeshVertex> home;
  for (std::size_t site = 0; site < cell.num_atoms(); ++site)
    home.push_back({static_cast<std::int32_t>(site), {}});
  // No empty sphere of a reduced lattice is wider than the diagonal of its box.
  const double diagonal = cell.lattice.norm();
  const double extent = cell.lattice.cwiseAbs().colwise().sum().maxCoeff() + 4 * diagonal;
  return find_delaunay_star(cell, home,
                            {.max_reach = std::numeric_limits<std::int8_t>::max(),
                             .extent_angstrom = extent,
                             .lattice_multiple = 1,
                             .margin_angstrom = margin});
}

Vector3 centroid(const Structure& cell, const std::vector<MeshVertex>& corners) {
  Vector3 sum = Vector3::Zero();
  for (const MeshVertex& corner : corners) sum += position(cell, corner);
  return sum / static_cast<double>(corners.size());
}

// Round the polygon that points of one plane make, seen so that `normal` points at the viewer.
void order_round(const Structure& cell, std::vector<MeshVertex>& corners, const Vector3& normal) {
  const Vector3 middle = centroid(cell, corners);
  const Vector3 across = (position(cell, corners.front()) - middle).normalized();
  const Vector3 up = normal.cross(across);
  std::vector<std::pair<double, MeshVertex>> by_angle;
  for (const MeshVertex& corner : corners) {
    const Vector3 arm = position(cell, corner) - middle;
    by_angle.emplace_back(std::atan2(arm.dot(up), arm.dot(across)), corner);
  }
  std::sort(by_angle.begin(), by_angle.end());
  for (std::size_t i = 0; i < corners.size(); ++i) corners[i] = by_angle[i].second;
}

// Of the points' plane, from the widest of the triangles with the first corner and each other in turn.
Vector3 normal_of(const Structure& cell, const std::vector<MeshVertex>& corners) {
  const Vector3 origin = position(cell, corners[0]);
  Vector3 widest = Vector3::Zero();
  for (std::size_t i = 1; i < corners.size(); ++i)
    for (std::size_t j = i + 1; j < corners.size(); ++j) {
      const Vector3 area = (position(cell, corners[i]) - origin).cross(position(cell, corners[j]) - origin);
      if (area.squaredNorm() > widest.squaredNorm()) widest = area;
    }
  return widest.normalized();
}

std::vector<MeshVertex> translated(std::vector<MeshVertex> corners, const Shift& back) {
  for (MeshVertex& corner : corners) corner.shift = difference(corner.shift, back);
  return corners;
}

class ComplexBuilder {
 public:
  explicit ComplexBuilder(DelaunayComplex& complex)
      : complex_(complex),
        cell_(complex.cell),
        cells_by_site_(cell_.num_atoms()),
        euler_(complex.cells.size()) {
    for (std::size_t c = 0; c < complex.cells.size(); ++c) {
      add_corners(cells_by_site_, static_cast<std::int32_t>(c), complex.cells[c].corners);
      euler_[c] = static_cast<double>(complex.cells[c].corners.size());
    }
  }

  void add_faces() {
    for (std::int32_t c = 0; c < static_cast<std::int32_t>(complex_.cells.size()); ++c) add_faces_of(c);
    std::sort(edges_.begin(), edges_.end());
    complex_.num_edges = std::unique(edges_.begin(), edges_.end()) - edges_.begin();
  }

  bool is_whole() const {
    const auto num_sites = static_cast<std::int64_t>(cell_.num_atoms());
    const auto num_cells = static_cast<std::int64_t>(complex_.cells.size());
    const auto num_faces = static_cast<std::int64_t>(complex_.faces.size());
    if (num_sites - complex_.num_edges + num_faces - num_cells != 0) return false;
    double volume = 0;
    for (const ComplexCell& cell : complex_.cells) volume += cell.volume;
    return std::abs(volume / cell_.volume() - 1) < 1e-9 &&
           std::all_of(euler_.begin(), euler_.end(), [](double value) { return value == 2; });
  }

 private:
  struct Neighbor {  // an image of a cell
    std::int32_t cell;
    Shift shift;
    auto operator<=>(const Neighbor&) const = default;
  };
  struct Edge {
    std::int32_t from, to;
    Shift shift;
    auto operator<=>(const Edge&) const = default;
  };

  // A face is what two cells have in common, where that is three corners or more: they lie on both spheres
  // and so in one plane. Each pair is met once, from the lower cell; a cell and its own image, too.
  void add_faces_of(std::int32_t c) {
    const auto& corners = complex_.cells[static_cast<std::size_t>(c)].corners;
    neighbors_.clear();
    for (const MeshVertex& corner : corners)
      for (const CellCorner& at : cells_by_site_[static_cast<std::size_t>(corner.site)])
        if (const Neighbor neighbor{at.cell, difference(corner.shift, at.shift)}; neighbor > Neighbor{c, {}})
          neighbors_.push_back(neighbor);
    std::sort(neighbors_.begin(), neighbors_.end());
    for (auto first = neighbors_.begin(); first != neighbors_.end();) {
      const auto last = std::upper_bound(first, neighbors_.end(), *first);
      if (last - first >= 3) add_face(c, *first);
      first = last;
    }
  }

  void add_face(std::int32_t c, const Neighbor& neighbor) {
    const auto& own = complex_.cells[static_cast<std::size_t>(c)].corners;
    const auto& others = complex_.cells[static_cast<std::size_t>(neighbor.cell)].corners;
    ComplexFace face{{}, {c, neighbor.cell}, {}};
    for (const MeshVertex& corner : own)
      if (std::binary_search(others.begin(), others.end(),
                             MeshVertex{corner.site, difference(corner.shift, neighbor.shift)}))
        face.corners.push_back(corner);
    face.normal = normal_of(cell_, face.corners);
    const Vector3 middle = centroid(cell_, face.corners);
    if (face.normal.dot(middle - centroid(cell_, own)) < 0) face.normal = -face.normal;
    order_round(cell_, face.corners, face.normal);
    face.normal = area(face.corners).normalized();
    add_cone(c, face.corners, middle);
    add_cone(neighbor.cell, translated(face.corners, neighbor.shift),
             middle - Vector3(neighbor.shift[0], neighbor.shift[1], neighbor.shift[2]) * cell_.lattice);
    for (std::size_t i = 0; i < face.corners.size(); ++i)
      add_edge(face.corners[i], face.corners[(i + 1) % face.corners.size()]);
    complex_.faces.push_back(std::move(face));
  }

  // Of the whole polygon: corners that are not quite in one plane have one all the same.
  Vector3 area(const std::vector<MeshVertex>& corners) const {
    const Vector3 origin = position(cell_, corners.front());
    Vector3 twice = Vector3::Zero();
    for (std::size_t i = 1; i + 1 < corners.size(); ++i)
      twice += (position(cell_, corners[i]) - origin).cross(position(cell_, corners[i + 1]) - origin);
    return twice / 2;
  }

  // The part of a cell between one of its faces and its centroid; and the face's share in corners − edges +
  // faces, an edge of a polytope being the side of two faces.
  void add_cone(std::int32_t c, const std::vector<MeshVertex>& corners, const Vector3& middle) {
    ComplexCell& cell = complex_.cells[static_cast<std::size_t>(c)];
    const Vector3 apex = centroid(cell_, cell.corners);
    double volume = 0;
    for (std::size_t i = 0; i < corners.size(); ++i) {
      const Vector3 from = position(cell_, corners[i]) - apex;
      const Vector3 to = position(cell_, corners[(i + 1) % corners.size()]) - apex;
      volume += from.cross(to).dot(middle - apex) / 6;
    }
    cell.volume += std::abs(volume);
    euler_[static_cast<std::size_t>(c)] += 1 - static_cast<double>(corners.size()) / 2;
  }

  void add_edge(MeshVertex from, MeshVertex to) {
    if (to < from) std::swap(from, to);
    edges_.push_back({from.site, to.site, difference(to.shift, from.shift)});
  }

  DelaunayComplex& complex_;
  const Structure& cell_;
  CellsBySite cells_by_site_;
  std::vector<double> euler_;  // (cells)
  std::vector<Neighbor> neighbors_;
  std::vector<Edge> edges_;
};

}  // namespace

DelaunayComplex make_delaunay_complex(const Structure& structure) {
  constexpr double kWidest = 1e-3, kNarrowest = 1e-6, kStep = 3.1622776601683795;  // Å, Å, √10
  DelaunayComplex complex;
  complex.cell = in_reduced_cell(structure);
  const DelaunayStar star = star_of_home_sites(complex.cell, 20 * kWidest);
  // Sites on a sphere and off it should differ by a factor of √10 on either side of the tolerance: a complex
  // that hangs on the last digits of a crystal is one only where there is no other.
  for (const double gap : {kStep, 1.0})
    for (double tolerance = kWidest; tolerance > 0.9 * kNarrowest; tolerance /= kStep) {
      auto cells = find_empty_spheres(complex.cell, star, {.tolerance_angstrom = tolerance, .gap = gap});
      if (!cells) continue;
      complex.tolerance_angstrom = tolerance;
      complex.cells = std::move(*cells);
      complex.faces.clear();
      ComplexBuilder builder(complex);
      builder.add_faces();
      if (builder.is_whole()) return complex;
    }
  throw core::DataError(fmt::format(
      "no Delaunay complex: sites lie so nearly on common spheres that no tolerance from {} to {} Å "
      "tells which do",
      kWidest, kNarrowest));
}

}  // namespace tessera::crystal
