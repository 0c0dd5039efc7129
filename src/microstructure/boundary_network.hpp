// SPDX-License-Identifier: Apache-2.0
// The boundaries of one mask, ready to be measured: which pixels they are, their middle lines as a graph
// without spurs, and these lines drawn.
#pragma once

#include "microstructure/skeleton_graph.hpp"

namespace tessera::microstructure {

/// What the classes of a mask mean here; all others are inside of grains.
inline constexpr std::uint8_t kBoundaryClass = 1;
inline constexpr std::uint8_t kPrecipitateClass = 2;

struct BoundaryNetwork {
  Mask mask;
  SkeletonGraph graph;
  Mask skeleton;
};

/// 1 where the mask is of this class.
Mask pixels_of_class(const Mask& mask, std::uint8_t value);

/// `mask` holds classes. A precipitate that touches a boundary is part of the boundary, which goes on through
/// it; one inside a grain is not.
BoundaryNetwork trace_boundaries(const Mask& mask);

/// Points where three boundaries meet; where n do, n − 2 of them lie closer together than can be told apart.
std::int64_t count_triple_junctions(const SkeletonGraph& graph);

}  // namespace tessera::microstructure
