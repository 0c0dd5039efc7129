// SPDX-License-Identifier: Apache-2.0
// Two-point statistics (Torquato 2002): how likely two points a distance apart lie in given phases.
#pragma once

#include <vector>

#include "microstructure/phase_map.hpp"

namespace tessera::microstructure {

/// S2(r) of r = 0, 1 … map.reach() cells: over all vectors whose length rounds to r, the mean of the
/// probability that a pair of cells lies in its phases. S2(0) is the phase's fraction where both are the
/// same.
std::vector<double> two_point_correlation(const PhaseMap& map, int phase_a, int phase_b, Border border);
std::vector<double> two_point_correlation(const PhaseMap& map, int phase, Border border);

}  // namespace tessera::microstructure
