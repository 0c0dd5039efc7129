// SPDX-License-Identifier: Apache-2.0
#include "microstructure/laguerre_tessellation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/random.hpp"

namespace tessera::microstructure {
namespace {

std::vector<WeightedSeed> square_lattice(int columns, int rows, double spacing) {
  std::vector<WeightedSeed> seeds;
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) seeds.push_back({{(c + 0.5) * spacing, (r + 0.5) * spacing}});
  return seeds;
}

std::vector<WeightedSeed> random_seeds(int count, double width, double height, double heaviest,
                                       std::uint64_t seed) {
  core::RandomStream random(seed, "tessellation test");
  std::vector<WeightedSeed> seeds;
  for (int i = 0; i < count; ++i) {
    const double x = random.uniform(0, width), y = random.uniform(0, height);
    seeds.push_back({{x, y}, random.uniform(0, heaviest)});
  }
  return seeds;
}

double power(const WeightedSeed& seed, Point p) {
  return dot(p - seed.position, p - seed.position) - seed.weight;
}

bool is_inside(const PowerCell& cell, Point p) {
  for (std::size_t i = 0; i < cell.corners.size(); ++i)
    if (cross(cell.corners[(i + 1) % cell.corners.size()] - cell.corners[i], p - cell.corners[i]) < 0)
      return false;
  return !cell.corners.empty();
}

// Over all seeds, from the definition.
std::size_t nearest_by_power(const std::vector<WeightedSeed>& seeds, Point p) {
  const auto less = [&](const auto& a, const auto& b) { return power(a, p) < power(b, p); };
  return static_cast<std::size_t>(std::min_element(seeds.begin(), seeds.end(), less) - seeds.begin());
}

TEST(LaguerreTessellation, OfASquareLatticeIsSquares) {
  const auto made = laguerre_tessellation(square_lattice(5, 3, 10), 50, 30);

  ASSERT_EQ(made.cells.size(), 15u);
  for (const auto& cell : made.cells) {
    EXPECT_EQ(cell.corners.size(), 4u);
    EXPECT_NEAR(cell.area(), 100, 1e-11);
  }
  EXPECT_DOUBLE_EQ(made.cells[6].centroid().x, 15);
  EXPECT_DOUBLE_EQ(made.cells[6].centroid().y, 15);
  EXPECT_EQ(made.vertices.size(), 6u * 4u);
  EXPECT_EQ(made.edges.size(), 5u * 4u + 3u * 6u);
  EXPECT_DOUBLE_EQ(made.boundary_length(), 4 * 30 + 2 * 50);
  const auto degrees = made.vertex_degrees();
  EXPECT_EQ(std::count(degrees.begin(), degrees.end(), 4), 4 * 2);
}

TEST(LaguerreTessellation, AHeavierSeedPushesTheLineBetweenAway) {
  const std::vector<WeightedSeed> seeds{{{2, 5}, 12}, {{8, 5}, 0}};

  const auto made = laguerre_tessellation(seeds, 10, 10);

  // (d² + w₁ − w₂) / 2d = (36 + 12) / 12 = 4 from the first seed
  EXPECT_DOUBLE_EQ(made.cells[0].area(), 60);
  EXPECT_DOUBLE_EQ(made.cells[1].area(), 40);
  EXPECT_DOUBLE_EQ(made.boundary_length(), 10);
}

TEST(LaguerreTessellation, ASeedMayLieOutsideOrHaveNoCellAtAll) {
  const std::vector<WeightedSeed> seeds{{{5, 5}, 0}, {{13, 5}, 0}, {{4, 5}, 50}, {{5, 5}, 0}};

  const auto cells = power_cells(seeds, 10, 10);

  EXPECT_TRUE(cells[0].corners.empty());
  EXPECT_TRUE(cells[3].corners.empty());
  // (81 + 50) / 18 from (4, 5)
  EXPECT_NEAR(cells[2].area(), 100, 1e-12);
  EXPECT_TRUE(cells[1].corners.empty());
}

TEST(LaguerreTessellation, OfCoincidingSeedsTheFirstHasTheCell) {
  const std::vector<WeightedSeed> seeds{{{5, 5}, 1}, {{5, 5}, 1}};

  const auto cells = power_cells(seeds, 10, 10);

  EXPECT_DOUBLE_EQ(cells[0].area(), 100);
  EXPECT_TRUE(cells[1].corners.empty());
}

class RandomTessellation : public testing::TestWithParam<std::uint64_t> {
 protected:
  static constexpr double kWidth = 120, kHeight = 70;
  std::vector<WeightedSeed> seeds = random_seeds(150, kWidth, kHeight, 60, GetParam());
  LaguerreTessellation made = laguerre_tessellation(seeds, kWidth, kHeight);
};

TEST_P(RandomTessellation, SharesTheRectangleOut) {
  double area = 0;
  for (const auto& cell : made.cells) {
    EXPECT_GE(cell.area(), 0);
    area += cell.area();
  }
  EXPECT_NEAR(area, kWidth * kHeight, 1e-9 * kWidth * kHeight);
}

TEST_P(RandomTessellation, GivesEachPointToTheSeedNearestByPower) {
  core::RandomStream random(GetParam(), "points");
  for (int i = 0; i < 5000; ++i) {
    const double x = random.uniform(0, kWidth), y = random.uniform(0, kHeight);
    const auto nearest = nearest_by_power(seeds, {x, y});
    EXPECT_TRUE(is_inside(made.cells[nearest], {x, y})) << x << " " << y << " seed " << nearest;
  }
}

TEST_P(RandomTessellation, ObeysEulersFormula) {
  const auto faces =
      std::count_if(made.cells.begin(), made.cells.end(), [](const auto& c) { return !c.corners.empty(); });
  EXPECT_LT(faces, 150) << "no seed went without a cell: the case is not tried";
  EXPECT_EQ(static_cast<long>(made.vertices.size()) - static_cast<long>(made.edges.size()) + faces, 1);
}

TEST_P(RandomTessellation, EdgesLieOnEqualPowerAndMakeUpEveryCellsPerimeter) {
  std::vector<double> perimeter(seeds.size());
  for (const auto& edge : made.edges) {
    const Point a = made.vertices[static_cast<std::size_t>(edge.from)];
    const Point b = made.vertices[static_cast<std::size_t>(edge.to)];
    perimeter[static_cast<std::size_t>(edge.cell)] += std::hypot(b.x - a.x, b.y - a.y);
    if (edge.other == kOutside) continue;
    perimeter[static_cast<std::size_t>(edge.other)] += std::hypot(b.x - a.x, b.y - a.y);
    for (const Point& end : {a, b})
      EXPECT_NEAR(power(seeds[static_cast<std::size_t>(edge.cell)], end),
                  power(seeds[static_cast<std::size_t>(edge.other)], end), 1e-7);
  }
  double rim_and_twice_inner = 0;
  for (std::size_t i = 0; i < made.cells.size(); ++i) {
    double sides = 0;
    const auto& corners = made.cells[i].corners;
    for (std::size_t k = 0; k < corners.size(); ++k) {
      const Point side = corners[(k + 1) % corners.size()] - corners[k];
      sides += std::hypot(side.x, side.y);
    }
    EXPECT_NEAR(perimeter[i], sides, 1e-6);
    rim_and_twice_inner += sides;
  }
  EXPECT_NEAR(made.boundary_length(), (rim_and_twice_inner - 2 * (kWidth + kHeight)) / 2, 1e-6);
}

TEST_P(RandomTessellation, JunctionsAreTriple) {
  const auto degrees = made.vertex_degrees();
  for (std::size_t i = 0; i < degrees.size(); ++i) {
    const Point p = made.vertices[i];
    const bool on_rim = p.x < 1e-9 || p.y < 1e-9 || p.x > kWidth - 1e-9 || p.y > kHeight - 1e-9;
    EXPECT_TRUE(on_rim ? degrees[i] <= 1 : degrees[i] == 3) << p.x << " " << p.y << " " << degrees[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTessellation, testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace tessera::microstructure
