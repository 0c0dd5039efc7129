// SPDX-License-Identifier: Apache-2.0
// A thinned boundary as a graph: where lines end or meet, and the lines between.
#pragma once

#include "microstructure/raster.hpp"

namespace tessera::microstructure {

struct Pixel {
  int y = 0;
  int x = 0;
  bool operator==(const Pixel&) const = default;
};

/// A line's end, a lone pixel, or the touching pixels with three or more neighbours at which lines meet.
struct SkeletonNode {
  std::vector<Pixel> pixels;
  double y = 0, x = 0;   // their mean
  int degree = 0;        // ends of edges here; a node of a graph that was pruned may have none
  bool at_edge = false;  // a line's end in the outermost pixels: the boundary goes on outside the picture
};

/// A chain of 8-neighbours between two nodes, or a closed one without any (both −1).
struct SkeletonEdge {
  int from = -1;
  int to = -1;
  std::vector<Pixel> pixels;  // in order, without those of the nodes
  bool is_closed() const { return from < 0; }
};

struct SkeletonGraph {
  int height = 0;
  int width = 0;
  std::vector<SkeletonNode> nodes;
  std::vector<SkeletonEdge> edges;
};

/// The skeleton must be one pixel wide, as `thin` and `boundary_skeleton` leave it.
SkeletonGraph make_skeleton_graph(const Mask& skeleton);

/// Takes away the spurs that thinning leaves on wide or rough boundaries: edges with a free end (not at the
/// picture's edge) shorter than `factor` times the distance from the node they start at to the mask's rim.
/// The longest spur stays where a line would otherwise lose its end. Chains that meet at a node of two become
/// one.
void prune_spurs(SkeletonGraph& graph, const Mask& mask, double factor = 1.5);

/// 1 where the graph's nodes and edges run.
Mask draw(const SkeletonGraph& graph);

}  // namespace tessera::microstructure
