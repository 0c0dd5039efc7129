// SPDX-License-Identifier: Apache-2.0
#include "crystal/transform.hpp"

#include <gtest/gtest.h>

#include <Eigen/LU>

#include "crystal/crystal_graph.hpp"
#include "crystal/crystals.hpp"

namespace tessera::crystal {
namespace {

TEST(RandomRotation, IsProperAndTurnsNoDirectionIntoAFavouriteOne) {
  core::RandomStream random(11, "rotation");
  constexpr int kTrials = 20000;
  Matrix3 mean = Matrix3::Zero();
  Matrix3 mean_square = Matrix3::Zero();
  for (int trial = 0; trial < kTrials; ++trial) {
    const Matrix3 rotation = random_rotation(random);
    ASSERT_LT((rotation * rotation.transpose() - Matrix3::Identity()).norm(), 1e-12);
    ASSERT_NEAR(rotation.determinant(), 1, 1e-12);
    mean += rotation / kTrials;
    mean_square += rotation.cwiseAbs2() / kTrials;
  }
  // Of a uniform rotation every entry has mean 0 and variance 1/3; five standard errors.
  EXPECT_LT(mean.cwiseAbs().maxCoeff(), 5 * std::sqrt(1. / 3 / kTrials));
  EXPECT_LT((mean_square.array() - 1. / 3).abs().maxCoeff(), 5 * std::sqrt(4. / 45 / kTrials));
}

TEST(RandomSetting, LeavesDistancesAndVolumeAlone) {
  core::RandomStream random(3, "setting");
  const Structure cell = jittered(perovskite(), 0.1, 9);

  const Structure other = in_random_setting(cell, random);

  EXPECT_GT((other.lattice - cell.lattice).norm(), 0.1);
  EXPECT_NEAR(other.volume(), cell.volume(), 1e-9);
  EXPECT_EQ(other.elements, cell.elements);
  const CrystalGraph before = make_crystal_graph(cell);
  const CrystalGraph after = make_crystal_graph(other);
  for (std::size_t edge = 0; edge < before.distance.size(); ++edge)
    ASSERT_NEAR(before.distance[edge], after.distance[edge], 1e-5);
}

TEST(RandomSetting, IsTheSameForTheSameStream) {
  core::RandomStream one(3, "setting", 5);
  core::RandomStream same(3, "setting", 5);
  EXPECT_EQ(in_random_setting(rock_salt(), one).lattice, in_random_setting(rock_salt(), same).lattice);
}

TEST(Wrapped, LiesInTheHomeCell) {
  const Vector3 position = wrapped({-0.25, 1.75, -1e-20});
  EXPECT_DOUBLE_EQ(position[0], 0.75);
  EXPECT_DOUBLE_EQ(position[1], 0.75);
  EXPECT_EQ(position[2], 0);
}

TEST(Supercell, RepeatsEveryAtomAtItsLatticeVectors) {
  const Structure cell = hcp_magnesium();
  const Structure twice = supercell(cell, {2, 1, 3});

  ASSERT_EQ(twice.num_atoms(), 12u);
  EXPECT_NEAR(twice.volume(), 6 * cell.volume(), 1e-9);
  EXPECT_LT((twice.cartesian(11) - (cell.fractional[1] + Vector3(1, 0, 2)) * cell.lattice).norm(), 1e-12);
}

}  // namespace
}  // namespace tessera::crystal
