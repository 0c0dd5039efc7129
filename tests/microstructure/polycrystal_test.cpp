// SPDX-License-Identifier: Apache-2.0
#include "microstructure/polycrystal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>
#include <utility>

#include "microstructure/boundary_raster.hpp"

namespace tessera::microstructure {
namespace {

Polycrystal made_polycrystal(const PolycrystalOptions& options, std::uint64_t seed) {
  core::RandomStream random(seed, "polycrystal test");
  return make_polycrystal(options, random);
}

// Straight boundaries, the window `margin` within the tessellation.
Polycrystal window_of(const LaguerreTessellation& diagram, double margin, double width, double height) {
  Polycrystal made{width, height, static_cast<int>(diagram.cells.size()), {}, {}};
  const Point shift{margin, margin};
  for (const auto& edge : diagram.edges)
    made.boundaries.push_back({{diagram.vertices[static_cast<std::size_t>(edge.from)] - shift,
                                diagram.vertices[static_cast<std::size_t>(edge.to)] - shift},
                               edge.cell,
                               edge.other});
  return made;
}

double turn(Point a, Point b, Point c) {
  return cross(b - a, c - a);
}

bool cross_each_other(Point a, Point b, Point c, Point d) {
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

TEST(GrainAtPixels, IsTheSeedNearestByPower) {
  core::RandomStream random(5, "grain at pixels");
  std::vector<WeightedSeed> seeds;
  for (int i = 0; i < 60; ++i) {
    const double x = random.uniform(0, 120), y = random.uniform(0, 100);
    seeds.push_back({{x, y}, random.uniform(0, 80)});
  }

  const auto grains = grain_at_pixels(window_of(laguerre_tessellation(seeds, 120, 100), 10, 100, 80));

  ASSERT_EQ(grains.height(), 80);
  ASSERT_EQ(grains.width(), 100);
  for (int y = 0; y < 80; ++y)
    for (int x = 0; x < 100; ++x) {
      const Point centre{x + 10.5, y + 10.5};
      const auto power = [&](const WeightedSeed& seed) {
        return dot(centre - seed.position, centre - seed.position) - seed.weight;
      };
      const auto nearest = std::min_element(
          seeds.begin(), seeds.end(), [&](const auto& a, const auto& b) { return power(a) < power(b); });
      ASSERT_EQ(grains(y, x), nearest - seeds.begin()) << x << " " << y;
    }
}

TEST(GrainAtPixels, TellsACornerOnARowOfCentresRight) {
  // Four cells meet in (10.5, 10.5) of the window, a pixel's centre.
  std::vector<WeightedSeed> seeds{{{5, 5}}, {{16, 5}}, {{5, 16}}, {{16, 16}}};

  const auto grains = grain_at_pixels(window_of(laguerre_tessellation(seeds, 21, 21), 0, 21, 21));

  for (int y = 0; y < 21; ++y)
    for (int x = 0; x < 21; ++x) {
      if (x == 10 || y == 10) continue;  // on a boundary: either side will do
      EXPECT_EQ(grains(y, x), (x > 10 ? 1 : 0) + (y > 10 ? 2 : 0)) << x << " " << y;
    }
}

TEST(NearestBoundary, IsThatOfABruteForceSearch) {
  const auto polycrystal = made_polycrystal({.width_px = 90, .height_px = 70, .grain_size_px = 20}, 1);
  constexpr double kReach = 3;

  const auto near = nearest_boundary(polycrystal, kReach);

  int reached = 0;
  for (int y = 0; y < 70; ++y)
    for (int x = 0; x < 90; ++x) {
      const Point centre{x + 0.5, y + 0.5};
      double least = INFINITY, arc_there = 0;
      std::size_t index_there = 0;
      for (std::size_t index = 0; index < polycrystal.boundaries.size(); ++index) {
        const auto& points = polycrystal.boundaries[index].points;
        double arc = 0;
        for (std::size_t i = 1; i < points.size(); ++i) {
          const Point along = points[i] - points[i - 1];
          const double length = std::hypot(along.x, along.y);
          const double t = std::clamp(dot(centre - points[i - 1], along) / (length * length), 0.0, 1.0);
          const Point apart = centre - points[i - 1] - t * along;
          if (std::hypot(apart.x, apart.y) < least) {
            least = std::hypot(apart.x, apart.y);
            arc_there = arc + t * length;
            index_there = index;
          }
          arc += length;
        }
      }
      if (least > kReach) {
        EXPECT_EQ(near.boundary(y, x), -1);
        continue;
      }
      ++reached;
      EXPECT_NEAR(near.distance(y, x), least, 1e-5);
      if (near.boundary(y, x) != static_cast<int>(index_there)) continue;  // two equally near
      EXPECT_NEAR(near.arc(y, x), arc_there, 0.05);
    }
  EXPECT_GT(reached, 500);
}

TEST(LengthInWindow, CutsAtTheRim) {
  EXPECT_DOUBLE_EQ(length_in_window({2, 3}, {5, 7}, 10, 10), 5);
  EXPECT_DOUBLE_EQ(length_in_window({-3, 2}, {3, 10}, 10, 10), 5);
  EXPECT_DOUBLE_EQ(length_in_window({-5, 4}, {25, 4}, 10, 8), 10);
  EXPECT_DOUBLE_EQ(length_in_window({-5, 9}, {25, 9}, 10, 8), 0);
  EXPECT_DOUBLE_EQ(length_in_window({12, 0}, {12, 8}, 10, 8), 0);
}

TEST(Polycrystal, HasGrainsOfTheSizesAskedFor) {
  const auto polycrystal = made_polycrystal(
      {.width_px = 1200, .height_px = 1200, .grain_size_px = 20, .spread = 0.4, .roughness = 0}, 3);
  const auto grains = grain_at_pixels(polycrystal);
  std::map<int, int> pixels;
  for (const int grain : grains.values()) ++pixels[grain];
  for (int i = 0; i < 1200; ++i)  // cut by the rim
    for (const int grain : {grains(0, i), grains(1199, i), grains(i, 0), grains(i, 1199)})
      pixels.erase(grain);

  double sum = 0, log_sum = 0, log_squares = 0;
  for (const auto& [grain, area] : pixels) {
    const double diameter = std::sqrt(4 / std::numbers::pi * area);
    sum += diameter;
    log_sum += std::log(diameter);
    log_squares += std::log(diameter) * std::log(diameter);
  }
  const auto count = static_cast<double>(pixels.size());
  EXPECT_GT(count, 2500);
  EXPECT_NEAR(sum / count, 20, 1);
  EXPECT_NEAR(std::sqrt(log_squares / count - std::pow(log_sum / count, 2)), 0.4, 0.04);
}

TEST(Polycrystal, WindowHoldsNoRim) {
  for (const double roughness : {0.0, 1.0}) {
    const auto grains = grain_at_pixels(made_polycrystal({.grain_size_px = 30, .roughness = roughness}, 4));
    EXPECT_EQ(std::count(grains.values().begin(), grains.values().end(), kOutside), 0);
  }
}

// Buffon: a boundary of length L crosses the rows and the columns, 1 px apart, 4 L / π times in all, if it
// runs in all directions alike.
TEST(Polycrystal, LengthIsThatOfTheGrainsAsSeen) {
  for (const double roughness : {0.0, 1.0}) {
    const auto polycrystal =
        made_polycrystal({.width_px = 600, .height_px = 500, .grain_size_px = 30, .roughness = roughness}, 6);
    const auto grains = grain_at_pixels(polycrystal);
    int changes = 0;
    for (int y = 0; y < 500; ++y)
      for (int x = 0; x < 600; ++x)
        changes += (x > 0 && grains(y, x) != grains(y, x - 1)) + (y > 0 && grains(y, x) != grains(y - 1, x));
    EXPECT_NEAR(polycrystal.boundary_length(), std::numbers::pi / 4 * changes,
                0.03 * polycrystal.boundary_length());
  }
}

TEST(Polycrystal, BentBoundariesDoNotCross) {
  const auto polycrystal =
      made_polycrystal({.width_px = 60, .height_px = 60, .grain_size_px = 20, .roughness = 1}, 7);
  std::vector<std::pair<Point, Point>> segments;
  for (const auto& boundary : polycrystal.boundaries)
    for (std::size_t i = 1; i < boundary.points.size(); ++i)
      segments.emplace_back(boundary.points[i - 1], boundary.points[i]);

  ASSERT_GT(segments.size(), 500u);
  for (std::size_t i = 0; i < segments.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      EXPECT_FALSE(
          cross_each_other(segments[i].first, segments[i].second, segments[k].first, segments[k].second))
          << segments[i].first.x << " " << segments[i].first.y;
}

TEST(Polycrystal, TripleJunctionsAreWhereThreeBoundariesEnd) {
  const auto polycrystal = made_polycrystal({.grain_size_px = 30}, 8);
  std::map<std::pair<double, double>, int> ends;
  for (const auto& boundary : polycrystal.boundaries)
    if (boundary.other != kOutside)
      for (const Point& end : {boundary.points.front(), boundary.points.back()}) ++ends[{end.x, end.y}];
  std::set<std::pair<double, double>> triple, listed;
  for (const auto& [end, count] : ends)
    if (count == 3 && end.first >= 0 && end.second >= 0 && end.first <= 256 && end.second <= 256)
      triple.insert(end);
  for (const Point& junction : polycrystal.triple_junctions) listed.insert({junction.x, junction.y});

  EXPECT_GT(triple.size(), 50u);
  EXPECT_EQ(listed, triple);
}

}  // namespace
}  // namespace tessera::microstructure
