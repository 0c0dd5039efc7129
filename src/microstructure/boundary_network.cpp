// SPDX-License-Identifier: Apache-2.0
#include "microstructure/boundary_network.hpp"

#include <algorithm>

#include "microstructure/connected_regions.hpp"
#include "microstructure/skeleton.hpp"

namespace tessera::microstructure {
namespace {

// Of each region of precipitate, by its label, whether a boundary touches it.
std::vector<char> touched_by_boundary(const Mask& mask, const Regions& precipitates) {
  std::vector<char> touched(precipitates.regions.size() + 1);
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < mask.width(); ++x) {
      const std::int32_t label = precipitates.labels(y, x);
      if (label == 0 || touched[static_cast<std::size_t>(label)]) continue;
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx)
          if (mask.contains(y + dy, x + dx) && mask(y + dy, x + dx) == kBoundaryClass)
            touched[static_cast<std::size_t>(label)] = true;
    }
  return touched;
}

Mask boundary_mask(const Mask& mask) {
  Mask boundary = pixels_of_class(mask, kBoundaryClass);
  const Mask precipitate = pixels_of_class(mask, kPrecipitateClass);
  if (std::ranges::find(precipitate.values(), 1) == precipitate.values().end()) return boundary;
  const auto regions = connected_regions(precipitate, true, Connectivity::Eight);
  const auto touched = touched_by_boundary(mask, regions);
  for (std::size_t i = 0; i < boundary.size(); ++i)
    if (touched[static_cast<std::size_t>(regions.labels.values()[i])]) boundary.values()[i] = 1;
  return boundary;
}

}  // namespace

Mask pixels_of_class(const Mask& mask, std::uint8_t value) {
  Mask pixels(mask.height(), mask.width());
  std::ranges::transform(mask.values(), pixels.values().begin(),
                         [value](std::uint8_t at) { return static_cast<std::uint8_t>(at == value); });
  return pixels;
}

BoundaryNetwork trace_boundaries(const Mask& mask) {
  BoundaryNetwork network{.mask = boundary_mask(mask), .graph = {}, .skeleton = {}};
  network.graph = make_skeleton_graph(boundary_skeleton(network.mask));
  prune_spurs(network.graph, network.mask);
  network.skeleton = draw(network.graph);
  return network;
}

std::int64_t count_triple_junctions(const SkeletonGraph& graph) {
  std::int64_t count = 0;
  for (const auto& node : graph.nodes) count += std::max(node.degree - 2, 0);
  return count;
}

}  // namespace tessera::microstructure
