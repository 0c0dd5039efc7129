// SPDX-License-Identifier: Apache-2.0
// Space-group operations as crystal files give them, by triplet ("-y, x-y, z+1/3") or by the group's name,
// and the sites they make of an asymmetric unit. Names are looked up in gemmi's table.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crystal/structure.hpp"

namespace tessera::crystal {

/// x' = x · rotation + translation, row vectors of fractional coordinates.
struct SymmetryOperation {
  Matrix3 rotation = Matrix3::Identity();
  Vector3 translation = Vector3::Zero();
};

/// Nothing where the text is no triplet of x, y, z and numbers.
std::optional<SymmetryOperation> parse_operation(std::string_view triplet);

/// Whether rotation keeps the cell's shape, within 2 %.
bool fits_lattice(const SymmetryOperation& operation, const Matrix3& lattice);

/// By Hall symbol, which leaves nothing open: "-F 4vw 2vw 3". Nothing where it is unknown.
std::optional<std::vector<SymmetryOperation>> operations_of_hall_symbol(const std::string& symbol);

/// By Hermann-Mauguin symbol in any spelling ("Fm-3m", "F m -3 m", "R -3 m:H", ICSD's "F d -3 m Z") or by
/// number. The angles tell rhombohedral from hexagonal axes. Nothing for an unknown group; DataError where
/// the group has two origin choices and the name does not say which.
std::optional<std::vector<SymmetryOperation>> operations_of_space_group(const std::string& name, double alpha,
                                                                        double gamma);

struct ExpandedSite {
  Vector3 fractional;  // in [0, 1)
  std::size_t listed;  // index of the site it is an image of
};

/// All images, those within `tolerance_angstrom` of another image of the same site merged at their mean. A
/// listed site that lies on an image of an earlier one of the same `kinds` adds nothing. DataError above
/// kMaxAtoms.
std::vector<ExpandedSite> expand_sites(std::span<const Vector3> sites, std::span<const std::uint8_t> kinds,
                                       std::span<const SymmetryOperation> operations, const Matrix3& lattice,
                                       double tolerance_angstrom);

/// Into [0, 1).
Vector3 wrap(const Vector3& fractional);

}  // namespace tessera::crystal
