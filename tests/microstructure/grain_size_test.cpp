// SPDX-License-Identifier: Apache-2.0
#include "microstructure/grain_size.hpp"

#include <gtest/gtest.h>

#include "microstructure/boundary_network.hpp"
#include "microstructure/connected_regions.hpp"
#include "microstructure/shapes.hpp"

namespace tessera::microstructure {
namespace {

using test::draw_mosaic;
using test::draw_where;

// Square grains of 20 px, the first boundary at row and column `first`.
Mask lattice(int size, int first) {
  return draw_where(size, size, [=](int y, int x) { return y % 20 == first || x % 20 == first; });
}

GrainSize grains_of(const Mask& mask) {
  return measure_grains(trace_boundaries(mask));
}

TEST(ConnectedRegions, NumberByRowsWithAreaEdgeAndCorners) {
  // Two regions by diagonals, three without.
  const Mask mask =
      draw_where(3, 5, [](int y, int x) { return (y < 2 && x < 2) || (y == 2 && x == 2) || x == 4; });

  const auto by_sides = connected_regions(mask, true, Connectivity::Four);
  const auto by_corners = connected_regions(mask, true, Connectivity::Eight);

  ASSERT_EQ(by_sides.regions.size(), 3u);
  ASSERT_EQ(by_corners.regions.size(), 2u);
  EXPECT_EQ(by_sides.regions[0].area_px, 4);
  EXPECT_EQ(by_sides.regions[0].corners, 1);
  EXPECT_EQ(by_sides.regions[1].corners, 2);
  EXPECT_EQ(by_corners.regions[0].area_px, 5);
  EXPECT_EQ(by_sides.labels(2, 2), 3);
  EXPECT_EQ(by_corners.labels(2, 2), 1);
  EXPECT_EQ(by_sides.labels(2, 0), 0);
}

TEST(ConnectedRegions, JoinArmsThatMeetLate) {
  // A comb: its teeth are one region only by the last row.
  const Mask mask = draw_where(9, 64, [](int y, int x) { return y == 8 || x % 2 == 0; });

  EXPECT_EQ(connected_regions(mask, true, Connectivity::Four).regions.size(), 1u);
  EXPECT_EQ(connected_regions(mask, false, Connectivity::Four).regions.size(), 32u);
  EXPECT_FALSE(connected_regions(mask, true, Connectivity::Four).regions.empty());
}

TEST(BettiNumbers, CountPartsAndHoles) {
  const Mask rings = draw_where(60, 60, [](int y, int x) {
    const double a = std::hypot(y - 20, x - 20), b = std::hypot(y - 44, x - 44);
    return (a > 5 && a < 8) || (b > 3 && b < 6) || (y == 50 && x < 5);
  });

  const auto numbers = betti_numbers(rings);

  EXPECT_EQ(numbers.parts, 3);
  EXPECT_EQ(numbers.holes, 2);
  EXPECT_EQ(betti_numbers(Mask(5, 5)).holes, 0);
  EXPECT_EQ(betti_numbers(Mask(5, 5, 1)).parts, 1);
}

TEST(GrainSize, OfSquareGrainsIsExact) {
  // 10 px of cut grains on every side: 16 whole, 16 halves and 4 quarters are 25 grains of 400 px.
  const auto size = grains_of(lattice(100, 10));

  EXPECT_EQ(size.grains, 36);
  EXPECT_EQ(size.grains_at_edge, 20);
  EXPECT_EQ(size.planimetric_grains, 25);
  EXPECT_EQ(size.mean_area_px, 400);
}

TEST(GrainSize, MeanInterceptIsTheOneOfTheExactCells) {
  for (std::uint64_t number : {1, 2}) {
    const auto mosaic = draw_mosaic(300, 60, 3, number);
    const auto nearest = [&](int y, int x) {
      const auto square = [&](test::Seed s) { return (s.y - y) * (s.y - y) + (s.x - x) * (s.x - x); };
      return std::ranges::min_element(mosaic.seeds, {}, square) - mosaic.seeds.begin();
    };
    Raster<std::int32_t> cells(300, 300);
    for (int y = 0; y < 300; ++y)
      for (int x = 0; x < 300; ++x) cells(y, x) = static_cast<std::int32_t>(nearest(y, x));
    int crossings = 0;
    for (int i = 0; i < 300; ++i)
      for (int j = 1; j < 300; ++j)
        crossings += (cells(i, j) != cells(i, j - 1)) + (cells(j, i) != cells(j - 1, i));

    const auto size = grains_of(mosaic.mask);

    EXPECT_NEAR(size.mean_intercept_px, 2.0 * 300 * 299 / crossings, 0.01 * size.mean_intercept_px) << number;
  }
}

TEST(GrainSize, CountsTheCellsOfAMosaic) {
  for (double width : {2.0, 3.0, 5.0}) {
    const auto size = grains_of(draw_mosaic(400, 60, width, 5).mask);
    EXPECT_EQ(size.grains, 60) << width;
    EXPECT_GT(size.grains_at_edge, 10);
    EXPECT_LT(size.planimetric_grains, 60 - 0.5 * 10);
  }
}

TEST(GrainSize, HasNoInterceptWithoutABoundary) {
  const auto size = grains_of(Mask(40, 50));

  EXPECT_EQ(size.grains, 1);
  EXPECT_EQ(size.planimetric_grains, 1);
  EXPECT_TRUE(std::isnan(size.mean_intercept_px));
}

// E112-13, table 4: the rows of G = 0, 1, 5 and 10.
TEST(AstmNumber, IsThatOfTheStandardsTable) {
  EXPECT_NEAR(astm_number_from_intercept(0.32), 0, 0.01);
  EXPECT_NEAR(astm_number_from_intercept(0.2263), 1, 0.01);
  EXPECT_NEAR(astm_number_from_intercept(0.0566), 5, 0.01);
  EXPECT_NEAR(astm_number_from_intercept(0.0100), 10, 0.01);
  EXPECT_NEAR(astm_number_from_density(7.75), 0, 0.01);
  EXPECT_NEAR(astm_number_from_density(15.50), 1, 0.01);
  EXPECT_NEAR(astm_number_from_density(248.0), 5, 0.01);
  EXPECT_NEAR(astm_number_from_density(7936.0), 10, 0.01);
}

}  // namespace
}  // namespace tessera::microstructure
