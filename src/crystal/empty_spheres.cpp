// SPDX-License-Identifier: Apache-2.0
#include "crystal/empty_spheres.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <vector>

namespace tessera::crystal {
namespace {

using Corners = std::array<MeshVertex, 4>;

struct Sphere {
  Vector3 center;
  double radius;
};

struct Candidate {
  Corners corners;  // by site and shift; the first has shift 0
  Sphere sphere;
  double thickness;  // six volumes over the product of three edges: 0 flat
};

// Of tetrahedra this thick (a regular one has 0.7) the sphere is well known: each must lead to the same cell.
constexpr double kThick = 0.1;

class SphereFinder {
 public:
  SphereFinder(const Structure& cell, const DelaunayStar& star, SphereRule rule)
      : cell_(cell), star_(star), rule_(rule), cells_by_site_(cell.num_atoms()) {
    for (const MeshVertex& vertex : star.sites) positions_.push_back(position(cell, vertex));
  }

  std::optional<std::vector<ComplexCell>> find() {
    std::size_t num_sure = 0;  // cells found from a thick tetrahedron: they come first
    for (const Candidate& candidate : candidates()) {
      const bool is_thick = candidate.thickness >= kThick;
      const std::int32_t found = cell_with(candidate.corners);
      if (found >= 0 && !is_thick && static_cast<std::size_t>(found) < num_sure) continue;
      std::vector<std::size_t> sites = sites_near(candidate.sphere, rule_.tolerance_angstrom * rule_.gap);
      const auto lies_beyond = [&](double reach) {
        return [&, reach](std::size_t site) { return distance(site, candidate.sphere) > reach; };
      };
      if (is_thick && std::ranges::any_of(sites, lies_beyond(rule_.tolerance_angstrom / rule_.gap)))
        return std::nullopt;
      std::erase_if(sites, lies_beyond(rule_.tolerance_angstrom));
      ComplexCell cell = cell_on(sites);
      if (found < 0) {
        add_corners(cells_by_site_, static_cast<std::int32_t>(cells_.size()), cell.corners);
        cells_.push_back(std::move(cell));
        if (is_thick) num_sure = cells_.size();
      } else if (cell.corners != cells_[static_cast<std::size_t>(found)].corners) {
        return std::nullopt;
      }
    }
    return std::move(cells_);
  }

 private:
  // One of each class of translates, the thickest first: their spheres are the best known. Flat ones have
  // none; their corners lie on the spheres of their neighbours.
  std::vector<Candidate> candidates() const {
    constexpr double kFlat = 1e-9;
    std::vector<Candidate> found;
    for (const auto& tetrahedron : star_.tetrahedra) {
      Corners corners;
      for (std::size_t i = 0; i < 4; ++i) corners[i] = star_.sites[static_cast<std::size_t>(tetrahedron[i])];
      std::sort(corners.begin(), corners.end());
      // The star holds every translate with a corner in the home cell.
      if (corners[0].shift != std::array<std::int8_t, 3>{}) continue;
      const Vector3 origin = position(cell_, corners[0]);
      Eigen::Matrix3d edges;
      for (std::size_t i = 1; i < 4; ++i)
        edges.row(static_cast<Eigen::Index>(i) - 1) = position(cell_, corners[i]) - origin;
      const double thickness = std::abs(edges.determinant()) / edges.rowwise().norm().prod();
      if (thickness < kFlat) continue;
      const Eigen::Vector3d center = edges.inverse() * (edges.rowwise().squaredNorm() / 2);
      found.push_back({corners, {origin + center.transpose(), center.norm()}, thickness});
    }
    std::sort(found.begin(), found.end(),
              [](const Candidate& a, const Candidate& b) { return a.thickness > b.thickness; });
    return found;
  }

  // That the four are corners of, or of an image of which; -1: none yet.
  std::int32_t cell_with(const Corners& corners) const {
    for (const CellCorner& at : cells_by_site_[static_cast<std::size_t>(corners[0].site)]) {
      const auto& others = cells_[static_cast<std::size_t>(at.cell)].corners;
      const bool all = std::all_of(corners.begin() + 1, corners.end(), [&](MeshVertex corner) {
        for (std::size_t i = 0; i < 3; ++i)
          corner.shift[i] = static_cast<std::int8_t>(corner.shift[i] + at.shift[i]);
        return std::binary_search(others.begin(), others.end(), corner);
      });
      if (all) return at.cell;
    }
    return -1;
  }

  double distance(std::size_t site, const Sphere& sphere) const {  // from the surface, Å
    return std::abs((positions_[site] - sphere.center).norm() - sphere.radius);
  }

  std::vector<std::size_t> sites_near(const Sphere& sphere, double reach) const {
    std::vector<std::size_t> found;
    const double least = std::pow(sphere.radius - reach, 2), most = std::pow(sphere.radius + reach, 2);
    for (std::size_t i = 0; i < positions_.size(); ++i)
      if (const double square = (positions_[i] - sphere.center).squaredNorm();
          square >= least && square <= most)
        found.push_back(i);
    return found;
  }

  // Least squares over all its sites: the same whichever tetrahedron it was found from.
  Sphere fitted(const std::vector<std::size_t>& sites) const {
    const Vector3 origin = positions_[sites.front()];
    Eigen::MatrixX4d rows(sites.size(), 4);
    Eigen::VectorXd squares(sites.size());
    for (std::size_t i = 0; i < sites.size(); ++i) {
      const Vector3 place = positions_[sites[i]] - origin;
      rows.row(static_cast<Eigen::Index>(i)) << place, 1;
      squares[static_cast<Eigen::Index>(i)] = place.squaredNorm();
    }
    const Eigen::Vector4d solution = rows.colPivHouseholderQr().solve(squares);
    const Eigen::Vector3d center = solution.head<3>() / 2;
    return {origin + center.transpose(), std::sqrt(solution[3] + center.squaredNorm())};
  }

  ComplexCell cell_on(const std::vector<std::size_t>& sites) const {
    const Sphere sphere = fitted(sites);
    ComplexCell cell{{}, sphere.center, sphere.radius};
    for (const std::size_t site : sites) cell.corners.push_back(star_.sites[site]);
    std::sort(cell.corners.begin(), cell.corners.end());
    const auto shift = cell.corners.front().shift;
    cell.center -= Vector3(shift[0], shift[1], shift[2]) * cell_.lattice;
    for (MeshVertex& corner : cell.corners) corner.shift = difference(corner.shift, shift);
    return cell;
  }

  const Structure& cell_;
  const DelaunayStar& star_;
  SphereRule rule_;
  std::vector<Vector3> positions_;  // Å
  std::vector<ComplexCell> cells_;
  CellsBySite cells_by_site_;
};

}  // namespace

std::optional<std::vector<ComplexCell>> find_empty_spheres(const Structure& cell, const DelaunayStar& star,
                                                           SphereRule rule) {
  return SphereFinder(cell, star, rule).find();
}

void add_corners(CellsBySite& cells_by_site, std::int32_t cell, const std::vector<MeshVertex>& corners) {
  for (const MeshVertex& corner : corners)
    cells_by_site[static_cast<std::size_t>(corner.site)].push_back({cell, corner.shift});
}

std::array<std::int8_t, 3> difference(const std::array<std::int8_t, 3>& a,
                                      const std::array<std::int8_t, 3>& b) {
  return {static_cast<std::int8_t>(a[0] - b[0]), static_cast<std::int8_t>(a[1] - b[1]),
          static_cast<std::int8_t>(a[2] - b[2])};
}

}  // namespace tessera::crystal
