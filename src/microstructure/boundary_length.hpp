// SPDX-License-Identifier: Apache-2.0
// How long the lines of a skeleton are, finer than its pixels. Counting steps (1 and √2) makes a line too
// long by up to 8 %, as its angle has it. Here each chain is smoothed first: a low-pass filter that is flat
// near zero takes the steps away and leaves a circle its radius; then the smoothed points are joined.
//
// Bias, held by boundary_length_test: straight lines at all angles, 1.5 to 9 px wide: −0.5 to +1.5 %, mean
// +0.4 % (a wide line cut askew by a corner of the picture: up to a third of its width more). Circles up to 5
// px wide, of radius 10 to 15 px: −1.1 to +0.9 %, from 20 px on −0.3 to +0.7 %; a ring as wide as its radius
// is too short, as thinning measures its way inwards in steps. Voronoi mosaics: within 0.5 %. Bends of a few
// pixels are smoothed with the steps: very rough boundaries come out 1 to 2 % short.
#pragma once

#include "microstructure/skeleton_graph.hpp"

namespace tessera::microstructure {

/// The edge's length in pixels, from node to node. At the picture's edge the line goes on to the outer rim of
/// the outermost pixels.
double edge_length(const SkeletonGraph& graph, const SkeletonEdge& edge);

/// Of all edges.
double boundary_length(const SkeletonGraph& graph);

/// Of the edges, what lies where `where` is not 0: each piece between two pixels counts half to each.
double boundary_length_within(const SkeletonGraph& graph, const Mask& where);

/// Mean lineal intercept in pixels: all straight lines between rows and between columns of pixels, together,
/// over how often they cross the smoothed edges; each line of a junction is met by itself. NaN for no
/// crossing.
double mean_intercept(const SkeletonGraph& graph);

}  // namespace tessera::microstructure
