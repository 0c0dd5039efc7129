// SPDX-License-Identifier: Apache-2.0
// The same crystal described otherwise: turned, with another origin, by a larger cell.
#pragma once

#include <array>

#include "core/random.hpp"
#include "crystal/structure.hpp"

namespace tessera::crystal {

/// Each component in [0, 1); atoms a rounding error below 1 stay there.
Vector3 wrapped(const Vector3& fractional);

/// Uniform over all rotations (Shoemake 1992); a row vector v turns to v · R.
Matrix3 random_rotation(core::RandomStream& random);

Structure rotated(const Structure& structure, const Matrix3& rotation);

/// Every atom moved by `shift` (fractional), wrapped into the home cell.
Structure with_origin_shift(const Structure& structure, const Vector3& shift);

/// A random rotation and a random origin.
Structure in_random_setting(const Structure& structure, core::RandomStream& random);

/// The cell repeated along a, b and c; the atoms stand cell by cell.
Structure supercell(const Structure& structure, const std::array<int, 3>& repeats);

}  // namespace tessera::crystal
