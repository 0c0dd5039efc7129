// SPDX-License-Identifier: Apache-2.0
#include "crystal/transform.hpp"

#include <Eigen/Geometry>
#include <cmath>
#include <numbers>

namespace tessera::crystal {

Vector3 wrapped(const Vector3& fractional) {
  Vector3 result;
  for (int axis = 0; axis < 3; ++axis) {
    const double rest = fractional[axis] - std::floor(fractional[axis]);
    result[axis] = rest < 1 ? rest : 0;  // a tiny negative number leaves exactly 1
  }
  return result;
}

Matrix3 random_rotation(core::RandomStream& random) {
  const double u = random.uniform();
  const double first = random.uniform(0, 2 * std::numbers::pi);
  const double second = random.uniform(0, 2 * std::numbers::pi);
  const double p = std::sqrt(1 - u);
  const double q = std::sqrt(u);
  const Eigen::Quaterniond turn(q * std::cos(second), p * std::sin(first), p * std::cos(first),
                                q * std::sin(second));
  return turn.toRotationMatrix();
}

Structure rotated(const Structure& structure, const Matrix3& rotation) {
  Structure result = structure;
  result.lattice = structure.lattice * rotation;
  return result;
}

Structure with_origin_shift(const Structure& structure, const Vector3& shift) {
  Structure result = structure;
  for (Vector3& position : result.fractional) position = wrapped(position + shift);
  return result;
}

Structure in_random_setting(const Structure& structure, core::RandomStream& random) {
  const Matrix3 rotation = random_rotation(random);
  const Vector3 shift(random.uniform(), random.uniform(), random.uniform());
  return with_origin_shift(rotated(structure, rotation), shift);
}

Structure supercell(const Structure& structure, const std::array<int, 3>& repeats) {
  const Vector3 size(repeats[0], repeats[1], repeats[2]);
  Structure result;
  result.lattice = size.asDiagonal() * structure.lattice;
  for (int a = 0; a < repeats[0]; ++a)
    for (int b = 0; b < repeats[1]; ++b)
      for (int c = 0; c < repeats[2]; ++c)
        for (std::size_t atom = 0; atom < structure.num_atoms(); ++atom) {
          result.elements.push_back(structure.elements[atom]);
          result.fractional.push_back((structure.fractional[atom] + Vector3(a, b, c)).cwiseQuotient(size));
        }
  return result;
}

}  // namespace tessera::crystal
