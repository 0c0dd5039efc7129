// SPDX-License-Identifier: Apache-2.0
#include "microstructure/homogenisation/aggregation_multigrid.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"

namespace tessera::microstructure {
namespace {

// A plane of n × n cells whose neighbours are coupled by `coupling(y, x, along x)` of the first of the two;
// the first column is grounded.
ConductionSystem plane(std::int32_t n, const auto& coupling, bool is_grounded = true) {
  ConductionSystem system;
  for (std::int32_t y = 0; y < n; ++y)
    for (std::int32_t x = 0; x < n; ++x) {
      system.start.push_back(std::ssize(system.neighbor));
      system.place.push_back({0, y, x});
      const auto add = [&](std::int32_t to_y, std::int32_t to_x) {
        if (to_y < 0 || to_x < 0 || to_y >= n || to_x >= n) return;
        const double value = coupling(std::min(y, to_y), std::min(x, to_x), y == to_y);
        if (value == 0) return;
        system.neighbor.push_back(to_y * n + to_x);
        system.coupling.push_back(value);
      };
      add(y - 1, x);
      add(y + 1, x);
      add(y, x - 1);
      add(y, x + 1);
      system.ground.push_back(is_grounded && x == 0 ? 2 : 0);
    }
  system.start.push_back(std::ssize(system.neighbor));
  return system;
}

double largest_residual(const ConductionSystem& system, const std::vector<double>& source,
                        const std::vector<double>& x) {
  double largest = 0;
  for (std::size_t i = 0; i < source.size(); ++i) {
    double row = system.ground[i] * x[i] - source[i];
    for (auto k = system.start[i]; k < system.start[i + 1]; ++k)
      row += system.coupling[static_cast<std::size_t>(k)] *
             (x[i] - x[static_cast<std::size_t>(system.neighbor[static_cast<std::size_t>(k)])]);
    largest = std::max(largest, std::abs(row));
  }
  return largest;
}

TEST(AggregationMultigrid, IterationsHardlyGrowWithTheGrid) {
  std::int64_t before = 0;
  for (const std::int32_t n : {32, 64, 128, 256}) {
    const auto system = plane(n, [](auto, auto, auto) { return 1.0; });
    std::vector<double> source(static_cast<std::size_t>(n) * static_cast<std::size_t>(n), 1.0),
        x(source.size());
    AggregationMultigrid multigrid(system);
    const auto result = multigrid.solve(source, x, 1e-10, 100);
    EXPECT_LE(largest_residual(system, source, x), 1e-10 * n * n);
    EXPECT_LE(result.iterations, 40) << n;
    if (before > 0) {
      EXPECT_LE(result.iterations, before + 6) << n;
    }
    before = result.iterations;
    EXPECT_GE(multigrid.num_levels(), 4);
  }
}

TEST(AggregationMultigrid, SolvesWhatConductsTenThousandTimesMoreHereThanThere) {
  const std::int32_t n = 60;
  core::RandomStream random(3, "couplings");
  std::vector<double> values(2 * 60 * 60);
  for (auto& value : values) value = std::pow(10.0, random.uniform(-2, 2));
  const auto system = plane(n, [&](std::int32_t y, std::int32_t x, bool along) {
    return values[static_cast<std::size_t>(2 * (y * n + x) + along)];
  });
  std::vector<double> source(3600, 1.0), x(3600);
  AggregationMultigrid multigrid(system);
  const auto result = multigrid.solve(source, x, 1e-9, 400);
  EXPECT_LE(result.residual, 1e-9);
  EXPECT_LE(largest_residual(system, source, x), 1e-5);
}

TEST(AggregationMultigrid, WithoutGroundThePotentialIsKnownUpToAConstant) {
  const auto system = plane(
      50, [](auto, auto, auto) { return 1.0; }, false);
  std::vector<double> source(2500), x(2500);
  source.front() = 1;
  source.back() = -1;
  AggregationMultigrid multigrid(system);
  EXPECT_LE(multigrid.solve(source, x, 1e-10, 100).residual, 1e-10);
  EXPECT_LE(largest_residual(system, source, x), 1e-9);
}

TEST(AggregationMultigrid, NoSourceNoPotential) {
  AggregationMultigrid multigrid(plane(10, [](auto, auto, auto) { return 1.0; }));
  std::vector<double> source(100), x(100, 7.0);
  EXPECT_EQ(multigrid.solve(source, x, 1e-10, 100).iterations, 0);
  EXPECT_EQ(x, std::vector<double>(100));
}

}  // namespace
}  // namespace tessera::microstructure
