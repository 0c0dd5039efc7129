// SPDX-License-Identifier: Apache-2.0
#include "crystal/delaunay_star.hpp"

#include <CGAL/Triangulation_vertex_base_with_info_3.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "crystal/grid_kernel.hpp"

namespace tessera::crystal {
namespace {

using VertexBase = CGAL::Triangulation_vertex_base_with_info_3<std::int32_t, GridKernel>;
using CellBase = CGAL::Delaunay_triangulation_cell_base_3<GridKernel>;
using Delaunay =
    CGAL::Delaunay_triangulation_3<GridKernel, CGAL::Triangulation_data_structure_3<VertexBase, CellBase>>;
using Point = Delaunay::Point;

class StarFinder {
 public:
  StarFinder(const Structure& cell, const std::vector<MeshVertex>& central, const StarOptions& options)
      : cell_(cell),
        options_(options),
        spacing_(std::exp2(std::ceil(std::log2(options.extent_angstrom)) - kGridBits)) {
    const double multiple = options.lattice_multiple;
    lattice_ = (cell.lattice / (multiple * spacing_)).array().round().matrix() * multiple;
    heights_ = perpendicular_heights(lattice_) * spacing_;
    for (const Vector3& position : cell.fractional)
      home_.emplace_back((position * lattice_).array().round().matrix());
    overhang_ = 4 * spacing_;  // sites lie on the grid, not quite where their fractions say
    for (const MeshVertex& vertex : central) {
      central_.push_back(place(vertex));
      // How far central sites stick out of the home cell: what is near the cell by less may be near them.
      const Vector3 beyond = heights_.cwiseProduct(beyond_faces(vertex));
      overhang_ = std::max(overhang_, beyond.maxCoeff() + 4 * spacing_);
      star_.sites.push_back(vertex);
      star_.is_central.push_back(true);
    }
    insert(0);
  }

  // A sphere through a central site lies within its diameter of that site: once every sphere's diameter is
  // below the radius filled, no site left out can be in one.
  DelaunayStar find() {
    constexpr double kFirstRadius = 1.65;  // spacings; fastest on Materials Project crystals
    constexpr double kGrowth = 1.3;
    double radius = kFirstRadius * std::cbrt(cell_.volume() / static_cast<double>(cell_.num_atoms()));
    double filled = 0;
    for (;;) {
      const bool whole_block = insert_between(filled, radius);
      collect_tetrahedra();
      if (whole_block || diameter_ + options_.margin_angstrom <= radius) return std::move(star_);
      filled = radius;
      radius = std::min(diameter_ + 2 * options_.margin_angstrom, kGrowth * radius);
    }
  }

 private:
  Vector3 place(const MeshVertex& vertex) const {  // grid units
    const Vector3 shift(vertex.shift[0], vertex.shift[1], vertex.shift[2]);
    return home_[static_cast<std::size_t>(vertex.site)] + shift * lattice_;
  }

  Vector3 beyond_faces(const MeshVertex& vertex) const {  // of the home cell, in cells; negative inside
    const Vector3 shift(vertex.shift[0], vertex.shift[1], vertex.shift[2]);
    return ((cell_.fractional[static_cast<std::size_t>(vertex.site)] + shift).array() - 0.5).abs() - 0.5;
  }

  double squared_distance_to_central(const Vector3& site) const {
    double least = std::numeric_limits<double>::infinity();
    for (const Vector3& central : central_) least = std::min(least, (site - central).squaredNorm());
    return least;
  }

  // Adds the sites whose distance from the nearest central one is in (filled, radius]; true once all images
  // that may be used are in.
  bool insert_between(double filled, double radius) {
    const std::size_t first = star_.sites.size();
    std::array<int, 3> reach{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double cells = std::ceil((radius + overhang_) / heights_[static_cast<Eigen::Index>(axis)]);
      reach[axis] = static_cast<int>(std::min<double>(cells, options_.max_reach));
    }
    const double least = std::pow(filled / spacing_, 2), most = std::pow(radius / spacing_, 2);
    for (std::int32_t site = 0; site < static_cast<std::int32_t>(home_.size()); ++site)
      for (int a = -reach[0]; a <= reach[0]; ++a)
        for (int b = -reach[1]; b <= reach[1]; ++b)
          for (int c = -reach[2]; c <= reach[2]; ++c) {
            const MeshVertex vertex{
                site,
                {static_cast<std::int8_t>(a), static_cast<std::int8_t>(b), static_cast<std::int8_t>(c)}};
            if (heights_.cwiseProduct(beyond_faces(vertex)).maxCoeff() > radius + overhang_) continue;
            const double distance = squared_distance_to_central(place(vertex));
            if (distance <= least || distance > most) continue;
            star_.sites.push_back(vertex);
            star_.is_central.push_back(false);
          }
    insert(first);
    const auto block = static_cast<std::size_t>(std::pow(2 * options_.max_reach + 1, 3)) * home_.size();
    return star_.sites.size() == block;
  }

  void insert(std::size_t first) {
    std::vector<std::pair<Point, std::int32_t>> points;
    for (std::size_t i = first; i < star_.sites.size(); ++i) {
      const Vector3 at = place(star_.sites[i]);
      points.emplace_back(Point(at[0], at[1], at[2]), static_cast<std::int32_t>(i));
    }
    triangulation_.insert(points.begin(), points.end());
  }

  // All finite ones with a central corner, and the largest diameter: infinite where the hull is touched.
  void collect_tetrahedra() {
    constexpr double kInfinite = std::numeric_limits<double>::infinity();
    star_.tetrahedra.clear();
    diameter_ = triangulation_.dimension() < 3 ? kInfinite : 0;
    for (auto cell = triangulation_.all_cells_begin(); cell != triangulation_.all_cells_end(); ++cell) {
      std::array<std::int32_t, 4> corners{};
      bool finite = true, central = false;
      for (int i = 0; i < 4; ++i) {
        const auto vertex = cell->vertex(i);
        if (triangulation_.is_infinite(vertex)) {
          finite = false;
        } else {
          corners[static_cast<std::size_t>(i)] = vertex->info();
          central |= star_.is_central[static_cast<std::size_t>(vertex->info())];
        }
      }
      if (!central) continue;
      if (!finite) {
        diameter_ = kInfinite;
        continue;
      }
      star_.tetrahedra.push_back(corners);
      const Point center = CGAL::circumcenter(cell->vertex(0)->point(), cell->vertex(1)->point(),
                                              cell->vertex(2)->point(), cell->vertex(3)->point());
      const double radius = std::sqrt(CGAL::squared_distance(center, cell->vertex(0)->point()));
      diameter_ = std::max(diameter_, 2 * radius * spacing_);
    }
  }

  const Structure& cell_;
  StarOptions options_;
  double spacing_;  // Å; of the grid
  Vector3 heights_;
  Matrix3 lattice_;               // grid units
  std::vector<Vector3> home_;     // grid units; of the home cell's sites
  std::vector<Vector3> central_;  // grid units
  double overhang_;               // Å
  double diameter_ = 0;           // Å; of the largest sphere
  Delaunay triangulation_;
  DelaunayStar star_;
};

}  // namespace

DelaunayStar find_delaunay_star(const Structure& cell, const std::vector<MeshVertex>& central,
                                const StarOptions& options) {
  return StarFinder(cell, central, options).find();
}

}  // namespace tessera::crystal
