// SPDX-License-Identifier: Apache-2.0
#include "crystal/lattice_reduction.hpp"

#include <Eigen/LU>
#include <cmath>
#include <utility>

#include "crystal/transform.hpp"

namespace tessera::crystal {
namespace {

// A step must gain more than rounding, or two equally short vectors would take turns for ever.
constexpr double kLeastGain = 1e-10;

void sort_by_length(Matrix3& basis) {
  const auto in_order = [&](int i, int j) {
    if (basis.row(j).squaredNorm() < basis.row(i).squaredNorm()) basis.row(i).swap(basis.row(j));
  };
  in_order(0, 1);
  in_order(1, 2);
  in_order(0, 1);
}

// Of c and its translates by the plane's lattice, the shortest: one of the nine around the foot of c.
Vector3 nearest_to_plane_point(const Vector3& a, const Vector3& b, const Vector3& c) {
  const double aa = a.squaredNorm(), bb = b.squaredNorm(), ab = a.dot(b);
  const double determinant = aa * bb - ab * ab;
  const double along_a = std::round((c.dot(a) * bb - c.dot(b) * ab) / determinant);
  const double along_b = std::round((c.dot(b) * aa - c.dot(a) * ab) / determinant);
  Vector3 shortest = c - along_a * a - along_b * b;
  const Vector3 foot = shortest;
  for (int i = -1; i <= 1; ++i)
    for (int j = -1; j <= 1; ++j)
      if (const Vector3 other = foot + i * a + j * b;
          other.squaredNorm() < shortest.squaredNorm() * (1 - kLeastGain))
        shortest = other;
  return shortest;
}

}  // namespace

Matrix3 reduced_lattice(const Matrix3& lattice) {
  Matrix3 basis = lattice;
  for (;;) {
    sort_by_length(basis);
    const double before = basis.squaredNorm();
    basis.row(1) -= std::round(basis.row(1).dot(basis.row(0)) / basis.row(0).squaredNorm()) * basis.row(0);
    sort_by_length(basis);
    basis.row(2) = nearest_to_plane_point(basis.row(0), basis.row(1), basis.row(2));
    if (!(basis.squaredNorm() < before * (1 - kLeastGain))) break;
  }
  sort_by_length(basis);
  return basis;
}

Structure in_reduced_cell(const Structure& structure) {
  Structure result = structure;
  result.lattice = reduced_lattice(structure.lattice);
  const Matrix3 to_reduced = structure.lattice * result.lattice.inverse();
  for (Vector3& position : result.fractional) position = wrapped(position * to_reduced);
  return result;
}

}  // namespace tessera::crystal
