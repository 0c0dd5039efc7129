// SPDX-License-Identifier: Apache-2.0
#include "microstructure/skeleton_graph.hpp"

#include <gtest/gtest.h>

#include <string>

#include "microstructure/boundary_network.hpp"
#include "microstructure/shapes.hpp"
#include "microstructure/skeleton.hpp"

namespace tessera::microstructure {
namespace {

using test::draw_mosaic;
using test::draw_where;

Mask drawn(const std::vector<std::string>& rows) {
  return draw_where(static_cast<int>(rows.size()), static_cast<int>(rows[0].size()), [&](int y, int x) {
    return rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)] == '#';
  });
}

SkeletonGraph pruned_graph(const Mask& mask) {
  auto graph = make_skeleton_graph(boundary_skeleton(mask));
  prune_spurs(graph, mask);
  return graph;
}

TEST(SkeletonGraph, FindsEndsJunctionsAndChains) {
  const Mask skeleton = drawn({".........",  //
                               ".#.....#.",  //
                               "..#...#..",  //
                               "...#.#...",  //
                               "....#....",  //
                               "....#....",  //
                               "....#....",  //
                               "........."});

  const auto graph = make_skeleton_graph(skeleton);

  ASSERT_EQ(graph.nodes.size(), 4u);
  ASSERT_EQ(graph.edges.size(), 3u);
  for (const auto& node : graph.nodes) {
    EXPECT_EQ(node.degree, node.y == 4 ? 3 : 1);
    EXPECT_FALSE(node.at_edge);
  }
  for (const auto& edge : graph.edges) {
    EXPECT_EQ(edge.pixels.size(), edge.pixels[0].y > 4 ? 1u : 2u);
  }
  EXPECT_EQ(draw(graph), skeleton);
}

TEST(SkeletonGraph, FindsClosedChainsPairsAndLonePixels) {
  const auto graph = make_skeleton_graph(drawn({"..#..........",  //
                                                ".#.#....#....",  //
                                                "..#....#.....",  //
                                                "............#"}));

  ASSERT_EQ(graph.edges.size(), 2u);
  EXPECT_EQ(graph.edges[0].pixels.size(), 0u);  // between two touching ends
  EXPECT_TRUE(graph.edges[1].is_closed());
  EXPECT_EQ(graph.edges[1].pixels.size(), 4u);
  ASSERT_EQ(graph.nodes.size(), 3u);
  EXPECT_EQ(graph.nodes[2].degree, 0);
  EXPECT_TRUE(graph.nodes[2].at_edge);
}

TEST(SkeletonGraph, HoldsEveryPixelOnce) {
  const auto mosaic = draw_mosaic(300, 120, 3, 4);
  const Mask skeleton = boundary_skeleton(mosaic.mask);

  const auto graph = make_skeleton_graph(skeleton);

  std::size_t pixels = 0;
  int ends_of_edges = 0, degrees = 0;
  for (const auto& node : graph.nodes) pixels += node.pixels.size(), degrees += node.degree;
  for (const auto& edge : graph.edges)
    pixels += edge.pixels.size(), ends_of_edges += edge.is_closed() ? 0 : 2;
  EXPECT_EQ(draw(graph), skeleton);
  EXPECT_EQ(static_cast<std::ptrdiff_t>(pixels), std::ranges::count(skeleton.values(), 1));
  EXPECT_EQ(degrees, ends_of_edges);
}

TEST(PruneSpurs, TakesSpursAndLeavesOneChain) {
  // A band with a tooth on one side: thinning leaves a spur into it.
  const Mask mask = draw_where(60, 120, [](int y, int x) {
    return (y >= 26 && y <= 34) || (y > 34 && y <= 38 && x >= 58 && x <= 62);
  });
  ASSERT_GT(make_skeleton_graph(boundary_skeleton(mask)).edges.size(), 1u) << "there is no spur to be pruned";

  const auto graph = pruned_graph(mask);

  ASSERT_EQ(graph.edges.size(), 1u);
  EXPECT_EQ(graph.edges[0].pixels.size() + 2, 120u);
  for (std::size_t i = 1; i < graph.edges[0].pixels.size(); ++i) {
    const Pixel a = graph.edges[0].pixels[i - 1], b = graph.edges[0].pixels[i];
    EXPECT_TRUE(std::abs(a.y - b.y) <= 1 && std::abs(a.x - b.x) <= 1) << "torn at " << i;
  }
}

TEST(PruneSpurs, LeavesBranchesThatAreLongerThanTheBandIsWide) {
  const Mask mask = draw_where(60, 120, [](int y, int x) {
    return (y >= 26 && y <= 34) || (y > 34 && y <= 50 && x >= 58 && x <= 62);
  });

  const auto graph = pruned_graph(mask);

  EXPECT_EQ(graph.edges.size(), 3u);
  EXPECT_EQ(count_triple_junctions(graph), 1);
}

TEST(PruneSpurs, LeavesALineItsEnds) {
  // A band whose right end is blunt like a T: thinning forks into both arms.
  const Mask mask = draw_where(60, 120, [](int y, int x) {
    return (y >= 26 && y <= 34 && x >= 20 && x <= 100) || (y >= 22 && y <= 38 && x >= 95 && x <= 100);
  });
  ASSERT_EQ(make_skeleton_graph(boundary_skeleton(mask)).edges.size(), 3u) << "there is no fork to be pruned";

  const auto graph = pruned_graph(mask);

  ASSERT_EQ(graph.edges.size(), 1u);
  int rightmost = 0;
  for (const auto& node : graph.nodes)
    for (const Pixel p : node.pixels) rightmost = std::max(rightmost, p.x);
  EXPECT_GE(rightmost, 97);
}

TEST(PruneSpurs, LeavesLinesThatEndAtThePicturesEdge) {
  const Mask mask =
      draw_where(60, 60, [](int y, int x) { return std::abs(y - 5) < 2 || (x == 30 && y < 5); });

  EXPECT_EQ(pruned_graph(mask).edges.size(), 3u);
}

TEST(PruneSpurs, TurnsARingWithASpurIntoAClosedChain) {
  const Mask mask = draw_where(80, 80, [](int y, int x) {
    const double radius = std::hypot(y - 40, x - 40);
    return std::abs(radius - 20) <= 4.5 || (radius > 20 && radius < 27.5 && std::abs(y - 40) <= 1);
  });
  ASSERT_GT(make_skeleton_graph(boundary_skeleton(mask)).edges.size(), 1u) << "there is no spur to be pruned";

  const auto graph = pruned_graph(mask);

  ASSERT_EQ(graph.edges.size(), 1u);
  EXPECT_TRUE(graph.edges[0].is_closed());
}

TEST(TripleJunctions, OfAMosaicAreItsVertices) {
  // Every seed inside, three cells at each vertex. With V vertices inside the picture, C crossings of its
  // edge and N cells, Euler: edges inside E = (3 V + C) / 2, and N = E − V + 1.
  for (std::uint64_t number = 0; number < 4; ++number) {
    const auto mosaic = draw_mosaic(400, 60, 3, number);
    const auto network = trace_boundaries(mosaic.mask);
    int crossings = 0;
    for (const auto& node : network.graph.nodes) crossings += node.at_edge;

    const auto vertices = count_triple_junctions(network.graph);

    EXPECT_EQ(vertices, 2 * (60 - 1) - crossings) << number;
  }
}

}  // namespace
}  // namespace tessera::microstructure
