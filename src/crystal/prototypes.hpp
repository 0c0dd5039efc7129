// SPDX-License-Identifier: Apache-2.0
// Structure types as textbooks give them: the conventional cell with its Wyckoff positions spelled out, the
// parameters that the symmetry leaves free, and the kinds of element that sit on each species' places.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "crystal/structure.hpp"

namespace tessera::crystal {

enum class CellShape { Cubic, Tetragonal, Hexagonal, Orthorhombic, Monoclinic };

/// Everything about a cell but its size. Cubic cells use none of it, tetragonal and hexagonal ones c_over_a,
/// orthorhombic ones b_over_a too, monoclinic ones (unique axis b) all three.
struct CellRatios {
  double b_over_a = 1;
  double c_over_a = 1;
  double beta_degrees = 90;
};

struct Prototype {
  std::string_view name;   // "rocksalt": lower case letters and digits
  int space_group;         // for any ratios and parameters near the ones given
  std::string_view roles;  // one letter a species: M metal, X anion, T group-14 element
  CellShape shape;
  CellRatios ratios;
  std::vector<double> parameters;  // free coordinates: a, b, … in the positions
  char centering;                  // P, I, F, C or R (obverse)
  std::vector<std::string_view>
      positions;  // by species, as the International Tables write them, centring left out
};

/// 42 types in 6 crystal systems (no triclinic one), elements to spinel.
const std::vector<Prototype>& prototypes();

/// The cell of unit volume an atom (1 Å³); `elements` by species.
Structure decorate(const Prototype& prototype, std::span<const std::uint8_t> elements,
                   const CellRatios& ratios, std::span<const double> parameters);

}  // namespace tessera::crystal
