// SPDX-License-Identifier: Apache-2.0
// All periodic neighbours within a cutoff: exact for any cell, also tiny, flat or skewed ones, where one
// atom's images neighbour each other many times over.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "crystal/structure.hpp"

namespace tessera::crystal {

struct Neighbor {
  std::int32_t atom;                  // index in the structure
  std::array<std::int32_t, 3> shift;  // lattice translation of that image
  double distance;                    // Å
};

/// Ragged by offsets: neighbours of atom i are [offsets[i], offsets[i + 1]).
struct NeighborList {
  std::vector<std::int64_t> offsets;  // (atoms + 1)
  std::vector<Neighbor> neighbors;
};

/// Every image but the atom itself at distance <= cutoff_angstrom, each atom's sorted by (distance, atom,
/// shift), where distances within 1e-8 Å count as equal, so that the order does not hang on the last bit.
/// The structure must have passed check_possible.
NeighborList find_neighbors(const Structure& structure, double cutoff_angstrom);

}  // namespace tessera::crystal
