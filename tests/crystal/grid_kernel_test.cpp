// SPDX-License-Identifier: Apache-2.0
#include "crystal/grid_kernel.hpp"

#include <gtest/gtest.h>

#include "core/random.hpp"

namespace tessera::crystal {
namespace {

using Exact = CGAL::Exact_predicates_inexact_constructions_kernel;
using Point = Exact::Point_3;

// Small ranges make flat and cospherical quintuples common, the full one the largest numbers.
void expect_agreement(std::int64_t range, int trials) {
  core::RandomStream random(1, "grid", static_cast<std::uint64_t>(range));
  const auto coordinate = [&] {
    return static_cast<double>(random.below(static_cast<std::uint64_t>(range)));
  };
  const Exact exact;
  const GridKernel grid;
  int undecided = 0;
  for (int trial = 0; trial < trials; ++trial) {
    std::array<Point, 5> p;
    for (Point& point : p) point = Point(coordinate(), coordinate(), coordinate());
    ASSERT_EQ(grid.orientation_3_object()(p[0], p[1], p[2], p[3]),
              exact.orientation_3_object()(p[0], p[1], p[2], p[3]));
    const auto side = grid.side_of_oriented_sphere_3_object()(p[0], p[1], p[2], p[3], p[4]);
    ASSERT_EQ(side, exact.side_of_oriented_sphere_3_object()(p[0], p[1], p[2], p[3], p[4]));
    undecided += side == CGAL::ON_ORIENTED_BOUNDARY;
  }
  if (range < 5) {
    EXPECT_GT(undecided, trials / 20);
  }
}

TEST(GridKernel, AgreesWithTheExactKernelOnDegeneratePoints) {
  expect_agreement(2, 2000);
  expect_agreement(4, 2000);
}

TEST(GridKernel, AgreesWithTheExactKernelUpToTheLargestCoordinates) {
  expect_agreement(1000, 2000);
  expect_agreement(std::int64_t{1} << kGridBits, 2000);
}

TEST(GridKernel, DoesNotOverflowAtTheCornersOfItsRange) {
  constexpr double kFar = (1 << kGridBits) - 1;
  const Exact exact;
  const GridKernel grid;
  std::array<Point, 9> corners;
  for (std::size_t i = 0; i < 8; ++i)
    corners[i] = Point(i & 1 ? kFar : 0, i & 2 ? kFar : 0, i & 4 ? kFar : 0);
  corners[8] = Point(kFar / 2 + .5, kFar, 1);
  for (std::size_t a = 0; a < 9; ++a)
    for (std::size_t b = 0; b < 9; ++b)
      for (std::size_t c = 0; c < 9; ++c)
        for (std::size_t d = 0; d < 9; ++d)
          for (std::size_t e = 0; e < 9; ++e)
            ASSERT_EQ(grid.side_of_oriented_sphere_3_object()(corners[a], corners[b], corners[c], corners[d],
                                                              corners[e]),
                      exact.side_of_oriented_sphere_3_object()(corners[a], corners[b], corners[c], corners[d],
                                                               corners[e]));
}

}  // namespace
}  // namespace tessera::crystal
