// SPDX-License-Identifier: Apache-2.0
// Made crystals for demonstrations and tests: known structure types, decorated with elements at random, sized
// by tabulated radii. The space group is known by construction, the properties by formula.
#pragma once

#include <cstdint>
#include <string>

#include "crystal/empirical_properties.hpp"
#include "crystal/structure.hpp"

namespace tessera::crystal {

struct SyntheticCrystal {
  std::string id;       // "synth-000017-wurtzite"
  Structure structure;  // the conventional cell
  int space_group;
  EmpiricalProperties properties;
};

/// The types take turns (index modulo their number); all else is drawn from the stream (seed, index). The
/// closest contact has the length of its two covalent radii, times 0.97 to 1.03; axial ratios move by up to 3
/// %, the monoclinic angle by 1.5°, free coordinates by 0.005: strains that keep the space group.
SyntheticCrystal make_synthetic_crystal(std::uint64_t seed, std::int64_t index);

}  // namespace tessera::crystal
