// SPDX-License-Identifier: Apache-2.0
// What a space group's number tells by itself. Finding the number is symmetry.hpp's.
#pragma once

namespace tessera::crystal {

constexpr int kNumSpaceGroups = 230;
constexpr int kNumCrystalSystems = 7;

/// 0 triclinic, 1 monoclinic, 2 orthorhombic, 3 tetragonal, 4 trigonal, 5 hexagonal, 6 cubic.
/// Raises DataError outside 1…230.
int crystal_system(int space_group);

}  // namespace tessera::crystal
