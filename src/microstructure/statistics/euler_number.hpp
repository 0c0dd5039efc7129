// SPDX-License-Identifier: Apache-2.0
// How a phase is connected, in one number.
#pragma once

#include <cstdint>

#include "microstructure/phase_map.hpp"

namespace tessera::microstructure {

/// Euler number of the cells of `phase` as closed squares or cubes: in the plane parts less holes, in the
/// volume parts less tunnels plus cavities; cells that touch at a corner hang together here.
std::int64_t euler_number(const PhaseMap& map, int phase, Border border);

}  // namespace tessera::microstructure
