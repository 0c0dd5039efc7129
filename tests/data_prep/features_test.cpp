// SPDX-License-Identifier: Apache-2.0
#include "crystal/features.hpp"

#include <gmock/gmock.h>

#include "core/error.hpp"
#include "crystal/cif_writer.hpp"
#include "crystal/readers/cif_reader.hpp"
#include "data_prep/made_crystals.hpp"
#include "support/expect_error.hpp"

namespace tessera::crystal {
namespace {

using ::testing::HasSubstr;

TEST(CrystalFeatures, TakesGraphFromTheCrystalAndMeshFromTheChosenCell) {
  const auto rock_salt = test::made_crystal(0);

  const auto refined = make_features(rock_salt, {}, "a");
  const auto primitive = make_features(rock_salt, {.cell = CellChoice::Primitive}, "a");

  EXPECT_EQ(refined.space_group, 225);
  EXPECT_EQ(refined.graph->neighbor.size(), 8u * 12);
  EXPECT_EQ(refined.mesh->cell.num_atoms(), 8u);
  EXPECT_EQ(primitive.mesh->cell.num_atoms(), 2u);
  EXPECT_EQ(primitive.graph->distance, refined.graph->distance);
}

TEST(CrystalFeatures, RotationByTheSameSeedAndIdIsTheSame) {
  const auto crystal = test::made_crystal(1);  // one whose Delaunay complex is unique

  const auto plain = make_features(crystal, {}, "a");
  const auto turned = make_features(crystal, {.rotate_seed = 1}, "a");
  const auto again = make_features(crystal, {.rotate_seed = 1}, "a");
  const auto other = make_features(crystal, {.rotate_seed = 1}, "b");

  EXPECT_EQ(turned.mesh->cell.lattice, again.mesh->cell.lattice);
  EXPECT_NE(turned.mesh->cell.lattice, other.mesh->cell.lattice);
  EXPECT_NE(turned.mesh->cell.lattice, plain.mesh->cell.lattice);
  EXPECT_NEAR(turned.mesh->cell.volume(), plain.mesh->cell.volume(), 1e-9);
  EXPECT_EQ(turned.graph->distance, plain.graph->distance);
}

TEST(CrystalFeatures, OptionsSurviveJson) {
  const FeatureOptions options{.graph = GraphOptions{.cutoff_angstrom = 6.5, .num_neighbors = 9},
                               .mesh = "slides",
                               .cell = CellChoice::Given,
                               .rotate_seed = 18446744073709551615u};

  const auto back = feature_options_from_json(feature_options_to_json(options));
  const auto none =
      feature_options_from_json(feature_options_to_json({.graph = std::nullopt, .mesh = std::nullopt}));

  EXPECT_EQ(back.graph->cutoff_angstrom, 6.5);
  EXPECT_EQ(back.graph->num_neighbors, 9);
  EXPECT_EQ(back.mesh, "slides");
  EXPECT_EQ(back.cell, CellChoice::Given);
  EXPECT_EQ(back.rotate_seed, options.rotate_seed);
  EXPECT_FALSE(none.graph || none.mesh || none.rotate_seed);
}

TEST(CrystalFeatures, RefusesDamagedOptions) {
  EXPECT_THAT(test::message_of<core::DataError>([] { feature_options_from_json("{\"cell\":\"refined\"}"); }),
              HasSubstr("graph"));
  EXPECT_THAT(test::message_of<core::DataError>([] {
                feature_options_from_json(R"({"cell":"odd","graph":null,"mesh":null,"rotate_seed":null})");
              }),
              HasSubstr("got \"odd\""));
}

TEST(CrystalFeatures, RefusesElementsWithoutFeatures) {
  auto crystal = test::made_crystal(1);
  crystal.elements[1] = 103;

  EXPECT_THAT(test::message_of<core::DataError>([&] { make_features(crystal, {}, "a"); }),
              HasSubstr("atom 2 is Lr: elements beyond Fm"));
}

TEST(CifWriter, WritesWhatTheReaderReads) {
  for (int number = 0; number < 6; ++number) {
    const auto written = test::made_crystal(number);

    const auto read = read_cif(write_cif(written, "x"), "test");

    ASSERT_EQ(read.elements, written.elements);
    // Read in another orientation: the metric is what must agree.
    EXPECT_TRUE((read.lattice * read.lattice.transpose())
                    .isApprox(written.lattice * written.lattice.transpose(), 1e-8));
    for (std::size_t atom = 0; atom < read.num_atoms(); ++atom)
      EXPECT_TRUE(read.fractional[atom].isApprox(written.fractional[atom], 1e-9) ||
                  (read.fractional[atom] - written.fractional[atom]).norm() < 1e-9);
  }
}

}  // namespace
}  // namespace tessera::crystal
