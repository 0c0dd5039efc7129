// SPDX-License-Identifier: Apache-2.0
// How much interface a phase has.
#pragma once

#include "microstructure/phase_map.hpp"

namespace tessera::microstructure {

/// Length (plane) or area (volume) of the phase's interface over the area or volume, in 1/cell: −π or −4
/// times the slope of S2 at 0 along the axes (Debye, Anderson and Brumberger 1957), so that a disc's is its
/// circle over the picture, staircase or not.
double specific_interface(const PhaseMap& map, int phase, Border border);

}  // namespace tessera::microstructure
