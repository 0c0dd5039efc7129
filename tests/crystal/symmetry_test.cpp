// SPDX-License-Identifier: Apache-2.0
#include "crystal/symmetry.hpp"

#include <gmock/gmock.h>

#include <Eigen/LU>

#include "core/error.hpp"
#include "crystal/crystals.hpp"
#include "crystal/prototypes.hpp"
#include "crystal/space_group.hpp"
#include "crystal/synthetic_crystal.hpp"
#include "crystal/transform.hpp"

namespace tessera::crystal {
namespace {

int space_group_number(const Structure& structure, double symprec_angstrom = kDefaultSymprec) {
  return find_symmetry(structure, symprec_angstrom).space_group;
}

Structure refined_cell(const Structure& structure) {
  return find_symmetry(structure).refined;
}

TEST(Symmetry, FindsKnownSpaceGroups) {
  EXPECT_EQ(space_group_number(bcc_iron()), 229);
  EXPECT_EQ(space_group_number(cesium_chloride()), 221);
  EXPECT_EQ(space_group_number(fcc_copper()), 225);
  EXPECT_EQ(space_group_number(rock_salt()), 225);
  EXPECT_EQ(space_group_number(hcp_magnesium()), 194);
  EXPECT_EQ(space_group_number(random_crystal(1, 5, 3.0)), 1);
}

TEST(Symmetry, DoesNotDependOnSettingOrSupercell) {
  core::RandomStream random(5, "setting");
  for (const Structure& cell : {perovskite(), hcp_magnesium(), rock_salt()}) {
    EXPECT_EQ(space_group_number(in_random_setting(cell, random)), space_group_number(cell));
    EXPECT_EQ(refined_cell(supercell(cell, {2, 1, 2})).num_atoms(), refined_cell(cell).num_atoms());
  }
}

TEST(Symmetry, SymprecDecidesWhatCountsAsSymmetric) {
  const Structure distorted = jittered(rock_salt(), 0.02, 1);
  EXPECT_EQ(space_group_number(distorted, 0.1), 225);
  EXPECT_EQ(space_group_number(distorted, 1e-4), 1);
}

TEST(Symmetry, RefinedCellIsConventionalAndPrimitiveCellSmallest) {
  const Structure primitive = find_symmetry(rock_salt()).primitive;
  EXPECT_EQ(primitive.num_atoms(), 2u);
  EXPECT_NEAR(4 * primitive.volume(), rock_salt().volume(), 1e-6);

  const Structure refined = refined_cell(primitive);
  EXPECT_EQ(refined.num_atoms(), 8u);
  EXPECT_LT((refined.lattice - 5.64 * Matrix3::Identity()).norm(), 1e-6);
  for (const Vector3& position : refined.fractional) {
    EXPECT_GE(position.minCoeff(), 0);
    EXPECT_LT(position.maxCoeff(), 1);
  }
}

TEST(Symmetry, OneSearchGivesNumberAndCell) {
  const Symmetry found = find_symmetry(find_symmetry(perovskite()).primitive);
  EXPECT_EQ(found.space_group, 221);
  EXPECT_EQ(found.refined.num_atoms(), 5u);
  EXPECT_NEAR(found.refined.volume(), perovskite().volume(), 1e-6);
}

TEST(Symmetry, ManyIdenticalSitesAreOneSite) {
  const Structure large = supercell(fcc_copper(), {3, 3, 3});  // 108 atoms, all equivalent by translation
  const Symmetry found = find_symmetry(large);
  EXPECT_EQ(found.space_group, 225);
  EXPECT_EQ(found.refined.num_atoms(), 4u);
}

TEST(Symmetry, CoincidingAtomsAreADataError) {
  Structure doubled = rock_salt();
  doubled.fractional[1] = doubled.fractional[0];
  try {
    find_symmetry(doubled);
    FAIL() << "no error";
  } catch (const core::DataError& error) {
    EXPECT_THAT(error.what(),
                testing::HasSubstr("finds none for Na4 Cl4 at symprec 0.1 Å (too close distance"));
  }
}

TEST(SyntheticCrystal, HasTheStatedSpaceGroupAtCoarseAndFineSymprec) {
  const auto num_types = static_cast<std::int64_t>(prototypes().size());
  for (std::int64_t index = 0; index < 3 * num_types; ++index) {
    const SyntheticCrystal crystal = make_synthetic_crystal(20, index);
    EXPECT_EQ(space_group_number(crystal.structure, 0.01), crystal.space_group) << crystal.id;
    EXPECT_EQ(space_group_number(crystal.structure, 0.1), crystal.space_group) << crystal.id;
  }
}

TEST(CrystalSystem, ChangesAtTheRightNumbers) {
  const std::vector<std::pair<int, int>> ends = {{2, 0}, {15, 1}, {74, 2}, {142, 3}, {167, 4}, {194, 5}};
  for (const auto& [last, system] : ends) {
    EXPECT_EQ(crystal_system(last), system);
    EXPECT_EQ(crystal_system(last + 1), system + 1);
  }
  EXPECT_EQ(crystal_system(1), 0);
  EXPECT_EQ(crystal_system(230), 6);
  EXPECT_THROW(crystal_system(0), core::DataError);
  EXPECT_THROW(crystal_system(231), core::DataError);
}

}  // namespace
}  // namespace tessera::crystal
