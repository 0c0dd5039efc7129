// SPDX-License-Identifier: Apache-2.0
// What straight lines meet: lineal path (Lu and Torquato 1992) and chord lengths, along the grid's axes.
#pragma once

#include <cstdint>
#include <vector>

#include "microstructure/phase_map.hpp"

namespace tessera::microstructure {

/// L(z) of z = 0, 1 … map.reach(): the probability that z + 1 cells in a row along an axis all are of
/// `phase`, the mean over the axes; L(0) is the phase's fraction. With a periodic border lines go on.
std::vector<double> lineal_path(const PhaseMap& map, int phase, Border border);

/// How many chords have n cells, by n (0 holds none), over all axes: runs of `phase` between cells of other
/// phases. With an open border a run that touches it is no whole chord and is left out; with a periodic one a
/// line all of one phase has none.
std::vector<std::int64_t> chord_lengths(const PhaseMap& map, int phase, Border border);

}  // namespace tessera::microstructure
