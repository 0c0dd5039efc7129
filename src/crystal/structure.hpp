// SPDX-License-Identifier: Apache-2.0
// A crystal: lattice and sites, nothing derived. Lengths in Å; rows of the lattice are a, b, c; Cartesian
// position = fractional · lattice (row vectors).
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

namespace tessera::crystal {

using Vector3 = Eigen::RowVector3d;
using Matrix3 = Eigen::Matrix<double, 3, 3, Eigen::RowMajor>;

struct Structure {
  Matrix3 lattice = Matrix3::Identity();  // rows a, b, c in Å
  std::vector<std::uint8_t> elements;     // (atoms) atomic numbers, 1 to 118
  std::vector<Vector3> fractional;        // (atoms)

  std::size_t num_atoms() const { return elements.size(); }
  Vector3 cartesian(std::size_t atom) const { return fractional[atom] * lattice; }
  double volume() const;  // Å³, positive
};

/// Distances between opposite faces of the cell, Å: across a, b and c.
Vector3 perpendicular_heights(const Matrix3& lattice);

/// Raises DataError with the reason where the structure is impossible: no atoms, lattice or coordinates not
/// finite, a lattice vector beyond 1000 Å, an atom more than 1000 cells away, a volume below 0.1 Å³ an atom,
/// a height of the cell below 0.01 Å, an element outside 1…118, two atoms (images included) closer than 0.5
/// Å.
void check_possible(const Structure& structure);

/// Elements in order of first appearance, e.g. "Nb8 Co2 Si2".
std::string formula(const Structure& structure);

}  // namespace tessera::crystal
