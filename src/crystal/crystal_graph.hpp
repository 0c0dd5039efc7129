// SPDX-License-Identifier: Apache-2.0
// The graph of CGCNN (Xie and Grossman, PRL 2018, as released): each atom and its nearest neighbours.
#pragma once

#include <cstdint>
#include <vector>

#include "crystal/structure.hpp"

namespace tessera::crystal {

struct GraphOptions {
  double cutoff_angstrom = 8.0;
  int num_neighbors = 12;
};

/// Rectangular: atom i's edges are [i * num_neighbors, (i + 1) * num_neighbors), nearest first. Where fewer
/// lie within the cutoff the rest are edges to atom 0 at cutoff + 1 Å, as the published code has it. Of atoms
/// at equal distance (within 1e-8 Å) those of lower index come first, then lower lattice translations: the
/// order of find_neighbors, which also says who is cut off at the last place.
struct CrystalGraph {
  int num_neighbors = 0;
  std::vector<std::int32_t> neighbor;  // (atoms * num_neighbors) index of an atom of the structure
  std::vector<float> distance;         // (atoms * num_neighbors) Å
};

/// The structure must have passed check_possible.
CrystalGraph make_crystal_graph(const Structure& structure, const GraphOptions& options = {});

}  // namespace tessera::crystal
