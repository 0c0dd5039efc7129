// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/run_lengths.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <tuple>

#include "microstructure/maps.hpp"

namespace tessera::microstructure {
namespace {

using test::at;
using test::map_of;
using test::random_map;

// Every segment, cell by cell.
std::vector<double> counted(const PhaseMap& map, int phase, Border border) {
  const GridSize& n = map.size;
  std::vector<double> path(static_cast<std::size_t>(map.reach() + 1));
  for (int axis = map.first_axis(); axis < 3; ++axis)
    for (std::int64_t length = 0; length <= map.reach(); ++length) {
      double within = 0, possible = 0;
      for (std::int64_t z = 0; z < n[0]; ++z)
        for (std::int64_t y = 0; y < n[1]; ++y)
          for (std::int64_t x = 0; x < n[2]; ++x) {
            const GridSize start{z, y, x};
            const auto along = static_cast<std::size_t>(axis);
            if (border == Border::Open && start[along] + length >= n[along]) continue;
            bool all = true;
            for (std::int64_t step = 0; step <= length; ++step) {
              GridSize to = start;
              to[along] = (to[along] + step) % n[along];
              all = all && at(map, to[0], to[1], to[2]) == phase;
            }
            within += all;
            ++possible;
          }
      path[static_cast<std::size_t>(length)] += within / possible / map.dimensions();
    }
  return path;
}

class LinealPath : public testing::TestWithParam<std::tuple<GridSize, Border>> {};

TEST_P(LinealPath, IsWhatCountingAllSegmentsGives) {
  const auto [size, border] = GetParam();
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    PhaseMap map = random_map(size, seed);
    for (auto& label : map.labels) label = label > 0;  // longer runs
    const auto found = lineal_path(map, 1, border), expected = counted(map, 1, border);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t z = 0; z < found.size(); ++z) EXPECT_NEAR(found[z], expected[z], 1e-14) << z;
  }
}

INSTANTIATE_TEST_SUITE_P(Maps, LinealPath,
                         testing::Combine(testing::Values(GridSize{1, 12, 12}, GridSize{1, 9, 14},
                                                          GridSize{6, 6, 6}, GridSize{5, 8, 7}),
                                          testing::Values(Border::Periodic, Border::Open)));

TEST(LinealPathOf, APhaseThatIsEverywhereIsOne) {
  const PhaseMap map = map_of({1, 8, 8}, [](auto, auto, auto) { return 1; });
  for (const auto border : {Border::Periodic, Border::Open})
    for (const double value : lineal_path(map, 1, border)) EXPECT_DOUBLE_EQ(value, 1);
}

TEST(ChordLengths, AreThoseBetweenOtherPhases) {
  const PhaseMap map{.size = {1, 1, 9}, .labels = {1, 0, 1, 1, 0, 0, 1, 1, 1}};
  // Along x; along the other axis each cell is a line of its own.
  auto open = chord_lengths(map, 1, Border::Open), periodic = chord_lengths(map, 1, Border::Periodic);
  EXPECT_EQ(open, (std::vector<std::int64_t>{0, 0, 1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(periodic, (std::vector<std::int64_t>{0, 0, 1, 0, 1, 0, 0, 0, 0, 0}));
}

TEST(ChordLengths, OfALaminateAreAllItsWidth) {
  const PhaseMap map = map_of({1, 12, 12}, [](auto, auto, std::int64_t x) { return x % 4 < 3; });
  const auto chords = chord_lengths(map, 1, Border::Periodic);
  EXPECT_EQ(chords[3], 3 * 12);
  EXPECT_EQ(std::accumulate(chords.begin(), chords.end(), std::int64_t{0}), 3 * 12);
}

}  // namespace
}  // namespace tessera::microstructure
