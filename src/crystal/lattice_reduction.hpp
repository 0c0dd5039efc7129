// SPDX-License-Identifier: Apache-2.0
// The shortest vectors that span a lattice. However long and skewed the cell a crystal came in, its images
// are few and near in the reduced one.
#pragma once

#include "crystal/structure.hpp"

namespace tessera::crystal {

/// A Minkowski-reduced basis of the same lattice, rows rising in length (Semaev 2001); its handedness may
/// differ.
Matrix3 reduced_lattice(const Matrix3& lattice);

/// The same crystal in its reduced cell, atoms wrapped into it.
Structure in_reduced_cell(const Structure& structure);

}  // namespace tessera::crystal
