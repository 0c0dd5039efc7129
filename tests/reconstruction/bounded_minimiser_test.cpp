// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/bounded_minimiser.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace tessera::reconstruction {
namespace {

// Σ 100 (x[i+1] − x[i]²)² + (1 − x[i])² (Rosenbrock 1960), least where all are 1.
double rosenbrock(std::span<const double> x, std::span<double> gradient) {
  std::ranges::fill(gradient, 0.0);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const double bend = x[i + 1] - x[i] * x[i], off = 1 - x[i];
    sum += 100 * bend * bend + off * off;
    gradient[i] += -400 * x[i] * bend - 2 * off;
    gradient[i + 1] += 200 * bend;
  }
  return sum;
}

TEST(BoundedMinimiser, FindsTheBottomOfACurvedValley) {
  BoundedMinimiser minimiser(std::vector<double>(10, -1.2), -2, 2);
  while (minimiser.state().iterations < 500 && minimiser.iterate(rosenbrock)) {
  }

  for (const double x : minimiser.point()) EXPECT_NEAR(x, 1, 1e-6);
  EXPECT_LT(minimiser.value(), 1e-12);
  EXPECT_LT(minimiser.state().iterations, 200);
}

TEST(BoundedMinimiser, StopsAtTheBoundsWhereTheyAreInTheWay) {
  const std::vector<double> wanted{-3, 0.25, 7};
  BoundedMinimiser minimiser({0.5, 0.5, 0.5}, 0, 1);
  const auto distance = [&](std::span<const double> x, std::span<double> gradient) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      gradient[i] = 2 * (x[i] - wanted[i]);
      sum += (x[i] - wanted[i]) * (x[i] - wanted[i]);
    }
    return sum;
  };
  while (minimiser.iterate(distance)) {
  }

  EXPECT_EQ(minimiser.point()[0], 0);
  EXPECT_NEAR(minimiser.point()[1], 0.25, 1e-12);
  EXPECT_EQ(minimiser.point()[2], 1);
}

TEST(BoundedMinimiser, GoesOnFromItsStateAsIfNothingHadBeen) {
  BoundedMinimiser whole(std::vector<double>(10, -1.2), -2, 2), first(std::vector<double>(10, -1.2), -2, 2);
  for (int i = 0; i < 40; ++i) whole.iterate(rosenbrock);
  for (int i = 0; i < 17; ++i) first.iterate(rosenbrock);
  BoundedMinimiser second(first.state(), -2, 2);
  for (int i = 17; i < 40; ++i) second.iterate(rosenbrock);

  EXPECT_EQ(second.state().point, whole.state().point);
  EXPECT_EQ(second.value(), whole.value());
  EXPECT_EQ(second.state().evaluations, whole.state().evaluations);
}

}  // namespace
}  // namespace tessera::reconstruction
