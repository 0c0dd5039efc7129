// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/clusters.hpp"

#include <gtest/gtest.h>

#include "microstructure/maps.hpp"
#include "microstructure/statistics/cluster_correlation.hpp"
#include "microstructure/statistics/euler_number.hpp"
#include "microstructure/statistics/two_point_correlation.hpp"

namespace tessera::microstructure {
namespace {

using test::at;
using test::ball;
using test::map_of;
using test::random_map;

TEST(FindClusters, JoinsOverFacesAndOverPeriodicBorders) {
  const PhaseMap map{.size = {1, 3, 4},
                     .labels = {1, 0, 0, 1,  //
                                0, 1, 0, 0,  //
                                0, 1, 1, 0}};
  const Clusters open = find_clusters(map, 1, Border::Open),
                 periodic = find_clusters(map, 1, Border::Periodic);
  EXPECT_EQ(open.labels, (std::vector<std::int32_t>{1, 0, 0, 2, 0, 3, 0, 0, 0, 3, 3, 0}));
  EXPECT_EQ(open.cells, (std::vector<std::int64_t>{1, 1, 3}));
  EXPECT_EQ(periodic.cells, (std::vector<std::int64_t>{2, 3}));
}

// Every pair of cells of one cluster, both small clusters and one large enough for a transform.
TEST(ClusterCorrelation, IsWhatCountingPairsWithinClustersGives) {
  for (const GridSize& size : {GridSize{1, 20, 20}, GridSize{6, 7, 8}})
    for (const auto border : {Border::Periodic, Border::Open})
      for (const std::uint64_t seed : {1, 2}) {
        PhaseMap map = random_map(size, seed);
        if (seed == 2)
          for (auto& label : map.labels) label = label > 0;  // percolates
        const Clusters clusters = find_clusters(map, 1, border);
        // The same question for phases: each cluster a phase of its own.
        std::vector<double> expected(static_cast<std::size_t>(map.reach() + 1));
        for (std::size_t c = 1; c <= clusters.cells.size(); ++c) {
          PhaseMap alone = map;
          for (std::size_t i = 0; i < alone.labels.size(); ++i)
            alone.labels[i] = clusters.labels[i] == static_cast<std::int32_t>(c);
          const auto part = two_point_correlation(alone, 1, border);
          for (std::size_t r = 0; r < expected.size(); ++r) expected[r] += part[r];
        }
        const auto found = cluster_correlation(map, 1, border);
        for (std::size_t r = 0; r < expected.size(); ++r) EXPECT_NEAR(found[r], expected[r], 1e-12) << r;
      }
}

TEST(ClusterCorrelation, IsS2WhereAllHangsTogether) {
  const PhaseMap map = ball({1, 64, 64}, 20.2);
  const auto cluster = cluster_correlation(map, 1, Border::Open),
             pairs = two_point_correlation(map, 1, Border::Open);
  for (std::size_t r = 0; r < pairs.size(); ++r) EXPECT_DOUBLE_EQ(cluster[r], pairs[r]);
}

TEST(EulerNumber, CountsPartsTunnelsAndCavities) {
  EXPECT_EQ(euler_number(ball({1, 20, 20}, 8), 1, Border::Open), 1);
  EXPECT_EQ(euler_number(ball({1, 20, 20}, 8), 0, Border::Open), 0);  // a ring around the disc
  EXPECT_EQ(euler_number(ball({12, 12, 12}, 4), 1, Border::Open), 1);
  EXPECT_EQ(euler_number(ball({12, 12, 12}, 4), 0, Border::Open), 2);  // a part with a cavity
  const PhaseMap tunnel = map_of({8, 8, 8}, [](std::int64_t, std::int64_t y, std::int64_t x) {
    return y < 2 || y > 5 || x < 2 || x > 5;
  });
  EXPECT_EQ(euler_number(tunnel, 1, Border::Open), 0);
  const PhaseMap two{.size = {1, 3, 5},
                     .labels = {1, 0, 0, 0, 0,  //
                                0, 1, 0, 1, 0,  //
                                0, 0, 0, 0, 0}};
  EXPECT_EQ(euler_number(two, 1, Border::Open), 2) << "cells that touch at a corner hang together";
}

TEST(EulerNumber, OfAPeriodicWholeIsThatOfATorus) {
  EXPECT_EQ(euler_number(map_of({1, 5, 6}, [](auto, auto, auto) { return 1; }), 1, Border::Periodic), 0);
  EXPECT_EQ(euler_number(map_of({4, 5, 6}, [](auto, auto, auto) { return 1; }), 1, Border::Periodic), 0);
  EXPECT_EQ(euler_number(ball({1, 20, 20}, 8), 0, Border::Periodic), -1);  // a torus less a disc
}

}  // namespace
}  // namespace tessera::microstructure
