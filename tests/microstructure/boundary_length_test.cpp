// SPDX-License-Identifier: Apache-2.0
// The estimator's bias, as boundary_length.hpp states it.
#include "microstructure/boundary_length.hpp"

#include <gtest/gtest.h>

#include "microstructure/boundary_network.hpp"
#include "microstructure/shapes.hpp"

namespace tessera::microstructure {
namespace {

using test::draw_line;
using test::draw_mosaic;
using test::draw_ring;
using test::draw_where;

double length_of(const Mask& mask) {
  return boundary_length(trace_boundaries(mask).graph);
}

struct Spread {
  double least = 1e9, most = -1e9, sum = 0;
  int count = 0;
  void add(double percent) {
    least = std::min(least, percent);
    most = std::max(most, percent);
    sum += percent;
    ++count;
  }
};

double percent_above(double measured, double real) {
  return 100 * (measured / real - 1);
}

TEST(BoundaryLength, OfLinesAtAllAnglesIsWithinTwoPercent) {
  for (double width : {1.5, 2.0, 3.0, 5.0, 6.0, 9.0}) {
    Spread spread;
    for (int degrees = 0; degrees < 180; ++degrees) {
      // Lines that leave near the picture's corners are cut askew there: another matter, and another test.
      if (std::abs(degrees % 90 - 45) < 6) continue;
      const double y = 64.1 + 0.37 * (degrees % 7), x = 63 + 0.21 * (degrees % 5);
      spread.add(percent_above(length_of(draw_line(128, y, x, degrees, width)),
                               test::line_length(128, y, x, degrees)));
    }
    EXPECT_GT(spread.least, -1.0) << width;
    EXPECT_LT(spread.most, 1.6) << width;
    EXPECT_NEAR(spread.sum / spread.count, 0, 0.6) << width;
  }
}

TEST(BoundaryLength, OfDiagonalsIsThatAndAFewPixelsAtTheCorners) {
  for (double width : {1.5, 3.0, 6.0, 9.0})
    for (int degrees : {39, 41, 43, 44, 45, 46, 47, 49, 51, 131, 134, 135, 136, 139}) {
      const double length = test::line_length(128, 64.5, 63.2, degrees);
      EXPECT_NEAR(length_of(draw_line(128, 64.5, 63.2, degrees, width)), length, 0.01 * length + width / 3)
          << width << ' ' << degrees;
    }
}

TEST(BoundaryLength, OfCirclesIsWithinTwoPercent) {
  for (double width : {1.5, 2.0, 3.0, 4.0, 5.0}) {
    Spread small, large;
    for (int radius : {10, 12, 15, 20, 30, 50, 100})
      for (double shift : {0.0, 0.2, 0.5, 0.77}) {
        const double y = radius + 8 + shift, x = radius + 8 + 0.6 * shift;
        const Mask ring = draw_ring(2 * radius + 18, y, x, radius, width);
        (radius < 20 ? small : large).add(percent_above(length_of(ring), 2 * std::numbers::pi * radius));
      }
    EXPECT_GT(small.least, -1.5) << width;
    EXPECT_LT(small.most, 1.0) << width;
    EXPECT_GT(large.least, -0.6) << width;
    EXPECT_LT(large.most, 0.8) << width;
  }
}

TEST(BoundaryLength, OfMosaicsIsWithinOnePercent) {
  for (double width : {2.0, 3.0, 5.0})
    for (std::uint64_t number : {1, 2, 3}) {
      const auto mosaic = draw_mosaic(256, 40, width, number);
      EXPECT_NEAR(percent_above(length_of(mosaic.mask), mosaic.length), 0, 0.6) << width << ' ' << number;
    }
}

TEST(BoundaryLength, IsNearlyTheSameTurnedAndMirrored) {
  const Mask mask = draw_mosaic(200, 30, 4, 8).mask;
  const int last = mask.height() - 1;
  const double length = length_of(mask);

  const Mask turned = draw_where(200, 200, [&](int y, int x) { return mask(x, last - y); });
  const Mask mirrored = draw_where(200, 200, [&](int y, int x) { return mask(y, last - x); });

  EXPECT_NEAR(percent_above(length_of(turned), length), 0, 0.5);
  EXPECT_NEAR(percent_above(length_of(mirrored), length), 0, 0.5);
}

TEST(BoundaryLength, HardlyDependsOnTheWidthDrawn) {
  const double thin_length = length_of(draw_mosaic(256, 25, 2, 6).mask);

  EXPECT_NEAR(percent_above(length_of(draw_mosaic(256, 25, 8, 6).mask), thin_length), 0, 1);
}

TEST(BoundaryLength, OfWholeRowsAndLoneThingsIsExact) {
  EXPECT_NEAR(length_of(draw_where(50, 120, [](int y, int) { return y == 20; })), 120, 1e-9);
  EXPECT_NEAR(length_of(draw_where(50, 120, [](int y, int x) { return y == 20 && x >= 10 && x <= 30; })), 20,
              1e-9);
  EXPECT_EQ(length_of(draw_where(50, 120, [](int y, int x) { return y == 20 && x == 10; })), 0);
  EXPECT_EQ(length_of(Mask(50, 120)), 0);
}

TEST(BoundaryLength, GoesToThePicturesRimTheWayTheLineRuns) {
  const auto graph = make_skeleton_graph(draw_where(20, 60, [](int y, int x) { return x == y + 20; }));

  EXPECT_NEAR(boundary_length(graph), 20 * std::numbers::sqrt2, 1e-9);
}

TEST(BoundaryLength, WithinAMaskIsItsShare) {
  const auto network = trace_boundaries(draw_line(128, 64, 64, 30, 3));
  const double whole = boundary_length(network.graph);

  const Mask left = draw_where(128, 128, [](int, int x) { return x < 64; });

  EXPECT_NEAR(boundary_length_within(network.graph, left), whole / 2, 1);
  EXPECT_NEAR(boundary_length_within(network.graph, Mask(128, 128, 1)), whole, 1e-9);
  EXPECT_EQ(boundary_length_within(network.graph, Mask(128, 128)), 0);
}

}  // namespace
}  // namespace tessera::microstructure
