// SPDX-License-Identifier: Apache-2.0
// Space group and standardised cells, found by spglib (Togo, Shinohara and Tanaka 2024). The search costs far
// more than the rest of a crystal's preparation: find_symmetry does it once for number and cells together.
#pragma once

#include "crystal/structure.hpp"

namespace tessera::crystal {

constexpr double kDefaultSymprec = 0.1;  // Å; how far atoms may lie from their symmetric places

struct Symmetry {
  int space_group;      // 1 to 230
  Structure refined;    // the conventional cell in spglib's standard setting and orientation, idealised
  Structure primitive;  // the primitive cell of the refined one, in its orientation
};

/// Raises DataError where spglib finds no symmetry at all, not even P1: two atoms (images included) of one
/// element closer than symprec, or coinciding. Not for structures that fail check_possible.
Symmetry find_symmetry(const Structure& structure, double symprec_angstrom = kDefaultSymprec);

}  // namespace tessera::crystal
