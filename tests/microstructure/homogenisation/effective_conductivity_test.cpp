// SPDX-License-Identifier: Apache-2.0
#include "microstructure/homogenisation/effective_conductivity.hpp"

#include <gmock/gmock.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "core/error.hpp"
#include "microstructure/files/phase_map_file.hpp"
#include "microstructure/homogenisation/conductivity_bounds.hpp"
#include "microstructure/maps.hpp"
#include "support/expect_error.hpp"

namespace tessera::microstructure {
namespace {

using test::at;
using test::ball;
using test::map_of;
using test::random_map;
using ::testing::HasSubstr;

double conduct(const PhaseMap& map, const std::vector<double>& k, int axis, Faces faces) {
  return effective_conductivity(map, k, {.axis = axis, .faces = faces, .tolerance = 1e-9}).effective;
}

// Fixed faces, every equation written out and solved at once: flux through the low face.
double solved_densely(const PhaseMap& map, const std::vector<double>& k, int axis) {
  const GridSize& n = map.size;
  const auto cells = map.num_cells();
  Eigen::MatrixXd matrix = Eigen::MatrixXd::Zero(cells, cells);
  Eigen::VectorXd source = Eigen::VectorXd::Zero(cells);
  const auto index = [&](const GridSize& p) { return (p[0] * n[1] + p[1]) * n[2] + p[2]; };
  const auto k_at = [&](const GridSize& p) { return k[static_cast<std::size_t>(at(map, p[0], p[1], p[2]))]; };
  const auto along = static_cast<std::size_t>(axis);
  for (std::int64_t z = 0; z < n[0]; ++z)
    for (std::int64_t y = 0; y < n[1]; ++y)
      for (std::int64_t x = 0; x < n[2]; ++x) {
        const GridSize p{z, y, x};
        matrix(index(p), index(p)) += 1e-13;  // a cell that conducts nothing
        if (p[along] == 0) {
          matrix(index(p), index(p)) += 2 * k_at(p);
          source(index(p)) += 2 * k_at(p);
        }
        if (p[along] == n[along] - 1) matrix(index(p), index(p)) += 2 * k_at(p);
        for (std::size_t a = 0; a < 3; ++a) {
          GridSize q = p;
          if (++q[a] >= n[a] || k_at(p) + k_at(q) == 0) continue;
          const double coupling = 2 * k_at(p) * k_at(q) / (k_at(p) + k_at(q));
          matrix(index(p), index(p)) += coupling;
          matrix(index(q), index(q)) += coupling;
          matrix(index(p), index(q)) -= coupling;
          matrix(index(q), index(p)) -= coupling;
        }
      }
  const Eigen::VectorXd t = matrix.fullPivLu().solve(source);
  double flux = 0;
  for (std::int64_t i = 0; i < cells; ++i) flux += source(i) * (1 - t(i));
  return flux * static_cast<double>(n[along] * n[along]) / static_cast<double>(cells);
}

TEST(EffectiveConductivity, IsWhatADirectSolutionGives) {
  for (const GridSize& size : {GridSize{1, 9, 12}, GridSize{5, 6, 7}})
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const PhaseMap map = random_map(size, seed);
      for (int axis = map.first_axis(); axis < 3; ++axis)
        for (const std::vector<double>& k : {std::vector<double>{1, 2, 5}, {0.001, 10, 1}, {0, 1, 3}})
          EXPECT_NEAR(conduct(map, k, axis, Faces::Fixed), solved_densely(map, k, axis), 1e-7)
              << seed << " axis " << axis << " k0 " << k[0];
    }
}

TEST(EffectiveConductivity, KeepsItsUnitAndAnyContrast) {
  const PhaseMap map = random_map({1, 24, 24}, 5);
  const double found = conduct(map, {1, 2, 0.1}, 1, Faces::Fixed);
  for (const double unit : {1e-45, 1e-12, 1e45})
    EXPECT_NEAR(conduct(map, {unit, 2 * unit, 0.1 * unit}, 1, Faces::Fixed) / unit, found, 1e-9) << unit;
  const PhaseMap small = random_map({1, 12, 12}, 5);
  for (const double least : {1e-4, 1e-8, 1e-12})
    EXPECT_NEAR(conduct(small, {1, 3, least}, 1, Faces::Fixed), solved_densely(small, {1, 3, least}, 1), 1e-6)
        << least;
}

TEST(EffectiveConductivity, OfALaminateIsTheSeriesAcrossAndTheParallelAlong) {
  const PhaseMap map = map_of({1, 12, 12}, [](auto, auto, std::int64_t x) { return x % 4 < 3; });
  const std::vector<double> k{8, 2};
  const double series = 1 / (0.25 / 8 + 0.75 / 2), parallel = 0.25 * 8 + 0.75 * 2;
  for (const auto faces : {Faces::Fixed, Faces::Periodic}) {
    EXPECT_NEAR(conduct(map, k, 2, faces), series, 1e-9);
    EXPECT_NEAR(conduct(map, k, 1, faces), parallel, 1e-9);
  }
  // Insulating layers: nothing across, at once.
  const auto none = effective_conductivity(map, std::vector<double>{0, 2}, {.axis = 2});
  EXPECT_EQ(none.effective, 0);
  EXPECT_FALSE(none.percolates);
  EXPECT_EQ(none.iterations, 0);
  EXPECT_NEAR(conduct(map, {0, 2}, 1, Faces::Periodic), 1.5, 1e-9);
}

TEST(EffectiveConductivity, OfACheckerboardIsTheGeometricMean) {
  double error = 1;
  for (const std::int64_t tile : {16, 64}) {
    const PhaseMap map = map_of({1, 2 * tile, 2 * tile}, [&](auto, std::int64_t y, std::int64_t x) {
      return (y / tile + x / tile) % 2;
    });
    const double now =
        std::abs(conduct(map, {1, 10}, 1, Faces::Periodic) / std::sqrt(10.0) - 1);  // Keller 1964
    EXPECT_LT(now, error / 2) << tile;
    error = now;
  }
  EXPECT_LT(error, 0.03);  // the field is infinite at the corners
}

TEST(EffectiveConductivity, OfFewInclusionsIsMaxwells) {
  const PhaseMap disc = ball({1, 200, 200}, 16);
  const double discs = phase_fraction(disc, 1);
  for (const double k : {0.0, 10.0})
    EXPECT_NEAR(conduct(disc, {1, k}, 1, Faces::Periodic), 1 + 2 * discs * (k - 1) / (k + 1), 0.04 * discs)
        << k;
  const PhaseMap sphere = ball({50, 50, 50}, 8);
  const double spheres = phase_fraction(sphere, 1);
  EXPECT_NEAR(conduct(sphere, {1, 0}, 0, Faces::Periodic), 1 - 1.5 * spheres, 0.15 * spheres);
}

TEST(EffectiveConductivity, LiesWithinItsBounds) {
  const PhaseMap map = random_map({20, 20, 20});
  const std::vector<double> fractions{phase_fraction(map, 0), phase_fraction(map, 1), phase_fraction(map, 2)};
  const std::vector<double> k{1, 4, 20};
  const auto widest = wiener_bounds(fractions, k), isotropic = hashin_shtrikman_bounds(fractions, k, 3);
  const double found = conduct(map, k, 1, Faces::Periodic);
  EXPECT_LT(widest.lower, isotropic.lower);
  EXPECT_LT(isotropic.lower, found);
  EXPECT_LT(found, isotropic.upper);
  EXPECT_LT(isotropic.upper, widest.upper);
  EXPECT_EQ(wiener_bounds(fractions, std::vector<double>{0, 1, 1}).lower, 0);
}

TEST(EffectiveConductivity, OnlyPathsThatGoOnAcrossThePeriodCount) {
  // A pore from face to face whose ends do not meet over the border.
  const PhaseMap map{.size = {1, 4, 4},
                     .labels = {1, 1, 0, 0,  //
                                0, 1, 0, 0,  //
                                0, 1, 1, 0,  //
                                0, 0, 1, 0}};
  EXPECT_TRUE(effective_conductivity(map, std::vector<double>{0, 1}, {.axis = 1}).percolates);
  EXPECT_FALSE(effective_conductivity(map, std::vector<double>{0, 1}, {.axis = 1, .faces = Faces::Periodic})
                   .percolates);
}

TEST(EffectiveConductivity, RefusesWhatItCannotSolve) {
  const PhaseMap map = random_map({1, 8, 8});
  const auto refusal = [&](const std::vector<double>& k, int axis) {
    return test::message_of<core::InputError>([&] { conduct(map, k, axis, Faces::Fixed); });
  };
  EXPECT_THAT(refusal({1, 1, 1}, 0), HasSubstr("the axis must be 1 to 2, got 0"));
  EXPECT_THAT(refusal({1, 1}, 1), HasSubstr("phases 0 to 2 must each have a conductivity, 2 have one"));
  EXPECT_THAT(refusal({1, -1, 1}, 1), HasSubstr("0 or more, got -1"));
  EXPECT_THAT(test::message_of<core::DataError>([&] {
                effective_conductivity(map, std::vector<double>{1, 2, 3}, {.axis = 1, .max_iterations = 1});
              }),
              HasSubstr("has not converged after 1 iterations"));
}

// Conjugate gradients of SciPy to 1e-10 on the same equations: 0.3981210.
TEST(EffectiveConductivity, OfARealSandstoneIsWhatOthersFind) {
  const char* shared = std::getenv("TESSERA_SHARED_DATA");
  const std::filesystem::path file = std::filesystem::path(shared ? shared : "../shared/data") /
                                     "images/reconstruction/sandstone_resized.npy";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << file << " is not there";
  EXPECT_NEAR(conduct(read_phase_map(file), {1, 0}, 1, Faces::Fixed), 0.3981210, 1e-6);
}

}  // namespace
}  // namespace tessera::microstructure
