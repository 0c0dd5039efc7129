// SPDX-License-Identifier: Apache-2.0
// From a mask of boundaries to lines one pixel wide along their middles. The lines are 8-connected, what lies
// between them 4-connected; no part of the mask is torn, joined, opened or closed by thinning.
#pragma once

#include "microstructure/raster.hpp"

namespace tessera::microstructure {

/// The thinned mask (not 0 = boundary), 1 where a line runs: Guo and Hall's two-subiteration thinning (Comm.
/// ACM 32, 1989, algorithm A1), then single simple points that are no line's end, until none is left. Outside
/// the picture there is no boundary. Has as many parts and as many holes as the mask.
Mask thin(const Mask& mask);

/// As `thin`, but boundaries go on outside: a boundary that is cut by the picture's edge keeps its line up to
/// the edge, where `thin` would draw it back by half its width. A line whose middle falls outside is lost.
Mask boundary_skeleton(const Mask& mask);

}  // namespace tessera::microstructure
