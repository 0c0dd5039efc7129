// SPDX-License-Identifier: Apache-2.0
// How far the clusters of a phase reach: the two-point function within them.
#pragma once

#include <vector>

#include "microstructure/phase_map.hpp"

namespace tessera::microstructure {

/// C2(r) of r = 0, 1 … map.reach() (Torquato, Beasley and Chiew 1988): as S2, but both ends in one cluster.
std::vector<double> cluster_correlation(const PhaseMap& map, int phase, Border border);

}  // namespace tessera::microstructure
