// SPDX-License-Identifier: Apache-2.0
// A cell given by lengths and angles, as CIF has it, turned into lattice vectors.
#pragma once

#include <optional>

#include "crystal/structure.hpp"

namespace tessera::crystal {

struct LatticeParameters {
  double a, b, c;             // Å
  double alpha, beta, gamma;  // degrees
};

/// c along z, a in the xz plane (pymatgen's Lattice.from_parameters, so that features which hang on the
/// orientation agree with what was published). Nothing where the angles enclose no volume.
std::optional<Matrix3> lattice_of(const LatticeParameters& cell);

}  // namespace tessera::crystal
