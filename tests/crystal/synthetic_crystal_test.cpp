// SPDX-License-Identifier: Apache-2.0
#include "crystal/synthetic_crystal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "crystal/crystals.hpp"
#include "crystal/element.hpp"
#include "crystal/neighbor_list.hpp"
#include "crystal/prototypes.hpp"
#include "crystal/transform.hpp"

namespace tessera::crystal {
namespace {

TEST(Prototypes, CoverTheKnownTypesAndSixCrystalSystems) {
  std::set<std::string_view> names;
  for (const Prototype& prototype : prototypes()) names.insert(prototype.name);
  EXPECT_EQ(names.size(), prototypes().size());
  for (const char* name : {"fcc", "bcc", "hcp", "diamond", "rocksalt", "cscl", "zincblende", "wurtzite",
                           "fluorite", "rutile", "perovskite"})
    EXPECT_TRUE(names.contains(name)) << name;
  EXPECT_GE(names.size(), 15u);
}

TEST(SyntheticCrystal, IsTheSameForTheSameSeedAndIndexOnly) {
  const SyntheticCrystal one = make_synthetic_crystal(1, 17);
  const SyntheticCrystal same = make_synthetic_crystal(1, 17);
  const SyntheticCrystal other = make_synthetic_crystal(2, 17);

  EXPECT_EQ(one.id, same.id);
  EXPECT_EQ(one.id.substr(0, 13), "synth-000017-");
  EXPECT_EQ(one.structure.lattice, same.structure.lattice);
  EXPECT_EQ(one.structure.elements, same.structure.elements);
  EXPECT_NE(one.structure.lattice, other.structure.lattice);
}

TEST(SyntheticCrystal, IsPossibleAndItsClosestAtomsTouch) {
  for (std::int64_t index = 0; index < 200; ++index) {
    const SyntheticCrystal crystal = make_synthetic_crystal(5, index);
    SCOPED_TRACE(crystal.id);
    check_possible(crystal.structure);
    double tightest = 10;
    const NeighborList list = find_neighbors(crystal.structure, 6.0);
    for (std::size_t atom = 0; atom < crystal.structure.num_atoms(); ++atom)
      for (auto i = list.offsets[atom]; i < list.offsets[atom + 1]; ++i) {
        const Neighbor& neighbor = list.neighbors[static_cast<std::size_t>(i)];
        const int other = crystal.structure.elements[static_cast<std::size_t>(neighbor.atom)];
        tightest = std::min(tightest,
                            neighbor.distance / (covalent_radius_angstrom(crystal.structure.elements[atom]) +
                                                 covalent_radius_angstrom(other)));
      }
    EXPECT_GE(tightest, 0.97 - 1e-9);
    EXPECT_LE(tightest, 1.03 + 1e-9);
  }
}

TEST(SyntheticCrystal, HasFiniteTargetsOfPlausibleSize) {
  for (std::int64_t index = 0; index < 200; ++index) {
    const SyntheticCrystal crystal = make_synthetic_crystal(6, index);
    SCOPED_TRACE(crystal.id);
    EXPECT_LE(crystal.properties.formation_energy_ev, 0);
    EXPECT_GE(crystal.properties.formation_energy_ev, -8);
    EXPECT_GT(crystal.properties.bulk_modulus_gpa, 1);
    EXPECT_LT(crystal.properties.bulk_modulus_gpa, 1500);
  }
}

TEST(EmpiricalProperties, FollowTheFormulasForALonePair) {
  const Structure pair = cubic(12, {11, 9}, {{0, 0, 0}, {1. / 6, 0, 0}});  // Na and F, 2 Å apart

  const EmpiricalProperties properties = empirical_properties(pair);

  EXPECT_NEAR(properties.formation_energy_ev, -(1 + 1) * std::pow(3.98 - 0.93, 2) / 2 / 2, 1e-12);
  EXPECT_NEAR(properties.bulk_modulus_gpa, 1. / 4 * (1971 - 220 * 3) / std::pow(2, 3.5), 1e-9);
}

TEST(EmpiricalProperties, GiveAnElementNoFormationEnergyAndDiamondItsHardness) {
  EXPECT_EQ(empirical_properties(fcc_copper()).formation_energy_ev, 0);
  Structure diamond = fcc_copper();
  diamond.lattice = 3.567 * Matrix3::Identity();
  diamond.elements.assign(8, 6);
  for (std::size_t atom = 0; atom < 4; ++atom)
    diamond.fractional.push_back(diamond.fractional[atom] + Vector3(.25, .25, .25));
  EXPECT_NEAR(empirical_properties(diamond).bulk_modulus_gpa, 443, 150);  // as measured; rough by its nature
}

TEST(EmpiricalProperties, DoNotDependOnTheCellChosen) {
  const Structure twice = supercell(rock_salt(), {2, 1, 1});
  EXPECT_NEAR(empirical_properties(twice).formation_energy_ev,
              empirical_properties(rock_salt()).formation_energy_ev, 1e-12);
  EXPECT_NEAR(empirical_properties(twice).bulk_modulus_gpa,
              empirical_properties(rock_salt()).bulk_modulus_gpa, 1e-9);
}

}  // namespace
}  // namespace tessera::crystal
