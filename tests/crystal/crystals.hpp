// SPDX-License-Identifier: Apache-2.0
// Small crystals as literals, and random ones, for the tests of this room.
#pragma once

#include <Eigen/LU>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/random.hpp"
#include "crystal/structure.hpp"

namespace tessera::crystal {

inline Structure cubic(double length, std::vector<std::uint8_t> elements, std::vector<Vector3> fractional) {
  return {length * Matrix3::Identity(), std::move(elements), std::move(fractional)};
}

inline Structure bcc_iron() {
  return cubic(2.866, {26, 26}, {{0, 0, 0}, {.5, .5, .5}});
}

inline Structure cesium_chloride() {
  return cubic(4.123, {55, 17}, {{0, 0, 0}, {.5, .5, .5}});
}

inline Structure fcc_copper() {
  return cubic(3.615, {29, 29, 29, 29}, {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}});
}

inline Structure rock_salt() {
  return cubic(
      5.64, {11, 11, 11, 11, 17, 17, 17, 17},
      {{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}, {.5, .5, .5}, {.5, 0, 0}, {0, .5, 0}, {0, 0, .5}});
}

inline Structure perovskite() {
  return cubic(3.905, {38, 22, 8, 8, 8}, {{0, 0, 0}, {.5, .5, .5}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}});
}

inline Structure hcp_magnesium() {
  Structure cell;
  cell.lattice << 3.209, 0, 0, -1.6045, 2.7790755, 0, 0, 0, 5.211;
  cell.elements = {12, 12};
  cell.fractional = {{1. / 3, 2. / 3, .25}, {2. / 3, 1. / 3, .75}};
  return cell;
}

/// Atoms anywhere in a random cell: rows of length 2 to 8 Å in random directions, heights at least
/// min_height.
inline Structure random_crystal(std::uint64_t seed, int num_atoms, double min_height) {
  core::RandomStream random(seed, "random crystal");
  Structure crystal;
  do {
    for (int row = 0; row < 3; ++row) {
      Vector3 direction(random.normal(), random.normal(), random.normal());
      crystal.lattice.row(row) = random.uniform(2, 8) * direction.normalized();
    }
  } while (perpendicular_heights(crystal.lattice).minCoeff() < min_height);
  for (int atom = 0; atom < num_atoms; ++atom) {
    crystal.elements.push_back(static_cast<std::uint8_t>(1 + random.below(94)));
    crystal.fractional.emplace_back(random.uniform(-1, 2), random.uniform(), random.uniform());
  }
  return crystal;
}

/// Each atom moved by up to `amplitude` Å along each axis: nothing cospherical is left.
inline Structure jittered(Structure crystal, double amplitude_angstrom, std::uint64_t seed) {
  core::RandomStream random(seed, "jitter");
  const Matrix3 inverse = crystal.lattice.inverse();
  for (Vector3& position : crystal.fractional) {
    const Vector3 move(random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1));
    position += amplitude_angstrom * move * inverse;
  }
  return crystal;
}

}  // namespace tessera::crystal
