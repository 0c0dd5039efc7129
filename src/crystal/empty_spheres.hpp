// SPDX-License-Identifier: Apache-2.0
// The cells of a Delaunay complex, from the tetrahedra of any Delaunay triangulation: whichever way the sites
// of an empty sphere were split, and into whatever slivers, the sphere is found again from its best
// tetrahedron, and with it all the sites that lie on it.
#pragma once

#include <optional>
#include <vector>

#include "crystal/delaunay_complex.hpp"
#include "crystal/delaunay_star.hpp"

namespace tessera::crystal {

struct SphereRule {
  double tolerance_angstrom;  // how far from a sphere a site may lie and still be on it
  double gap;                 // no site may lie between tolerance / gap and tolerance · gap
};

/// One of each class of translates, volumes not yet known. Nothing where a site lies in the gap, or two
/// tetrahedra of one cell tell different sites to lie on its sphere: the rule does not part this crystal's
/// sites. `star`: of the home cell's sites.
std::optional<std::vector<ComplexCell>> find_empty_spheres(const Structure& cell, const DelaunayStar& star,
                                                           SphereRule rule);

/// Where each site stands in the cells: for every corner of a cell that is an image of the site.
struct CellCorner {
  std::int32_t cell;
  std::array<std::int8_t, 3> shift;  // of the site in that cell's frame
};
using CellsBySite = std::vector<std::vector<CellCorner>>;

void add_corners(CellsBySite& cells_by_site, std::int32_t cell, const std::vector<MeshVertex>& corners);

std::array<std::int8_t, 3> difference(const std::array<std::int8_t, 3>& a,
                                      const std::array<std::int8_t, 3>& b);

}  // namespace tessera::crystal
