// SPDX-License-Identifier: Apache-2.0
// One crystal described in other words: what must not change a periodic mesh.
#pragma once

#include <Eigen/LU>
#include <utility>
#include <vector>

#include "core/random.hpp"
#include "crystal/structure.hpp"
#include "crystal/transform.hpp"

namespace tessera::crystal {

struct OtherDescription {
  const char* name;
  Structure structure;
  std::size_t times;  // how many of the crystal's cells it holds
};

inline Structure in_random_order(Structure crystal, core::RandomStream& random) {
  for (std::size_t i = crystal.num_atoms(); i > 1; --i) {
    const auto other = static_cast<std::size_t>(random.below(i));
    std::swap(crystal.elements[i - 1], crystal.elements[other]);
    std::swap(crystal.fractional[i - 1], crystal.fractional[other]);
  }
  return crystal;
}

/// The same lattice by other vectors.
inline Structure in_other_cell(Structure crystal) {
  Matrix3 change;
  change << 1, 1, 0, 0, 1, -1, 0, 0, 1;
  crystal.lattice = change * crystal.lattice;
  for (Vector3& position : crystal.fractional) position = position * change.inverse();
  return crystal;
}

inline std::vector<OtherDescription> other_descriptions(const Structure& crystal,
                                                        core::RandomStream& random) {
  const Vector3 shift(random.uniform(), random.uniform(), random.uniform());
  return {{"origin", with_origin_shift(crystal, shift), 1},
          {"order", in_random_order(crystal, random), 1},
          {"cell", in_other_cell(crystal), 1},
          {"supercell", supercell(crystal, {2, 1, 1}), 2}};
}

}  // namespace tessera::crystal
