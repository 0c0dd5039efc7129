// SPDX-License-Identifier: Apache-2.0
// Which cells of a phase hang together.
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

}  // namespace tessera::microstructure
