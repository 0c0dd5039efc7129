// SPDX-License-Identifier: Apache-2.0
#include "crystal/delaunay_complex.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <set>

#include "crystal/complex_checks.hpp"
#include "crystal/crystals.hpp"
#include "crystal/lattice_reduction.hpp"
#include "crystal/prototypes.hpp"
#include "crystal/synthetic_crystal.hpp"
#include "crystal/transform.hpp"

namespace tessera::crystal {
namespace {

void expect_counts(const Structure& crystal, std::size_t cells, std::size_t faces, std::int64_t edges) {
  const auto complex = make_delaunay_complex(crystal);
  EXPECT_EQ(complex.cells.size(), cells);
  EXPECT_EQ(complex.faces.size(), faces);
  EXPECT_EQ(complex.num_edges, edges);
  EXPECT_EQ(complex.tolerance_angstrom, 1e-3);
  expect_empty_spheres(complex);
  expect_sums(complex);
}

TEST(DelaunayComplex, HasTheCellsOfKnownLattices) {
  expect_counts(bcc_iron(), 12, 24, 14);    // the octahedron of a face and two centres is four of them
  expect_counts(fcc_copper(), 12, 32, 24);  // an octahedron and two tetrahedra an atom
  expect_counts(rock_salt(), 8, 24, 24);    // cubes
  expect_counts(cesium_chloride(), 12, 24, 14);
  expect_counts(cubic(3.35, {84}, {{0, 0, 0}}), 1, 3, 3);  // a cube that touches itself
  expect_counts(hcp_magnesium(), 6, 16, 12);  // at this ratio of c to a the octahedra are still whole
}

TEST(DelaunayComplex, OfEveryPrototypeIsWhole) {
  for (std::size_t i = 0; i < prototypes().size(); ++i) {
    const SyntheticCrystal crystal = make_synthetic_crystal(5, static_cast<std::int64_t>(i));
    SCOPED_TRACE(crystal.id);
    const auto complex = make_delaunay_complex(crystal.structure);
    expect_empty_spheres(complex);
    expect_sums(complex);
  }
}

// By definition: four sites whose sphere is empty.
std::size_t tetrahedra_by_definition(const Structure& cell, int reach) {
  const auto sites = images(cell, reach);
  std::vector<Vector3> places;
  for (const MeshVertex& site : sites) places.push_back(position(cell, site));
  std::set<std::vector<MeshVertex>> found;
  for (std::size_t a = 0; a < sites.size(); ++a) {
    if (sites[a].shift != std::array<std::int8_t, 3>{}) continue;
    std::vector<std::size_t> near;
    for (std::size_t i = 0; i < sites.size(); ++i)
      if (i != a && (places[i] - places[a]).norm() < 7) near.push_back(i);
    for (std::size_t i = 0; i < near.size(); ++i)
      for (std::size_t j = i + 1; j < near.size(); ++j)
        for (std::size_t k = j + 1; k < near.size(); ++k) {
          Eigen::Matrix3d edges;
          edges << places[near[i]] - places[a], places[near[j]] - places[a], places[near[k]] - places[a];
          if (std::abs(edges.determinant()) < 1e-6) continue;
          const Eigen::Vector3d center = edges.inverse() * (edges.rowwise().squaredNorm() / 2);
          if (2 * center.norm() > 7) continue;
          const Vector3 middle = places[a] + center.transpose();
          const bool empty = std::all_of(near.begin(), near.end(), [&](std::size_t other) {
            return (places[other] - middle).norm() > center.norm() - 1e-9;
          });
          if (!empty) continue;
          std::vector<MeshVertex> corners{sites[a], sites[near[i]], sites[near[j]], sites[near[k]]};
          std::sort(corners.begin(), corners.end());
          if (corners[0].shift == std::array<std::int8_t, 3>{}) found.insert(corners);
        }
  }
  return found.size();
}

TEST(DelaunayComplex, OfGenericCrystalsIsEveryEmptyTetrahedron) {
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    Structure crystal = jittered(cubic(4.2, {26, 8, 8}, {{0, 0, 0}, {.5, .5, .4}, {.1, .5, .9}}), 0.4, seed);
    const auto complex = make_delaunay_complex(crystal);
    EXPECT_EQ(complex.cells.size(), tetrahedra_by_definition(complex.cell, 2)) << seed;
    EXPECT_EQ(complex.faces.size(), 2 * complex.cells.size()) << seed;  // nothing is merged
    expect_empty_spheres(complex);
    expect_sums(complex);
  }
}

TEST(DelaunayComplex, OfLongSkewedAndFlatCellsIsWhole) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto complex = make_delaunay_complex(random_crystal(seed, 1 + static_cast<int>(seed % 5), 0.5));
    expect_sums(complex);
  }
}

TEST(ReducedLattice, IsTheSameLatticeAndShort) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Matrix3 lattice = random_crystal(seed, 1, 0.05).lattice;
    const Matrix3 reduced = reduced_lattice(lattice);
    const Matrix3 steps = lattice * reduced.inverse();
    EXPECT_LT((steps - Matrix3(steps.array().round())).cwiseAbs().maxCoeff(), 1e-6);
    EXPECT_NEAR(std::abs(reduced.determinant()) / std::abs(lattice.determinant()), 1, 1e-9);
    // Minkowski's conditions: no combination with coefficients −1, 0, 1 is shorter than the last it uses.
    for (int a = -1; a <= 1; ++a)
      for (int b = -1; b <= 1; ++b) {
        if (a != 0) {
          EXPECT_GE((reduced.row(1) + a * reduced.row(0)).norm(), reduced.row(1).norm() * (1 - 1e-9));
        }
        EXPECT_GE((reduced.row(2) + a * reduced.row(0) + b * reduced.row(1)).norm(),
                  reduced.row(2).norm() * (1 - 1e-9));
      }
  }
}

}  // namespace
}  // namespace tessera::crystal
