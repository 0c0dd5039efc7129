// SPDX-License-Identifier: Apache-2.0
// Which cells of a phase hang together, and what that says of its connection: clusters, their two-point
// function, and the Euler number.
#pragma once

#include <cstdint>
#include <vector>

#include "microstructure/phase_map.hpp"

namespace tessera::microstructure {

struct Clusters {
  std::vector<std::int32_t> labels;  // of each cell: 0 of another phase, else 1 + index of its cluster
  std::vector<std::int64_t> cells;   // of each cluster
};

/// Cells of `phase` that share a face (an edge in the plane), over the border where it is periodic; numbered
/// by their first cell.
Clusters find_clusters(const PhaseMap& map, int phase, Border border);

/// C2(r) of r = 0, 1 … map.reach() (Torquato, Beasley and Chiew 1988): as S2, but both ends in one cluster.
std::vector<double> cluster_correlation(const PhaseMap& map, int phase, Border border);

/// Euler number of the cells of `phase` as closed squares or cubes: in the plane parts less holes, in the
/// volume parts less tunnels plus cavities; cells that touch at a corner hang together here.
std::int64_t euler_number(const PhaseMap& map, int phase, Border border);

}  // namespace tessera::microstructure
