// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/cif_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/LU>
#include <cmath>

#include "crystal/readers/read_error.hpp"
#include "support/expect_error.hpp"

namespace tessera::crystal {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string cell(double a, double b, double c, double alpha = 90, double beta = 90, double gamma = 90) {
  return fmt::format(
      "data_test\n_cell_length_a {}\n_cell_length_b {}\n_cell_length_c {}\n"
      "_cell_angle_alpha {}\n_cell_angle_beta {}\n_cell_angle_gamma {}\n",
      a, b, c, alpha, beta, gamma);
}

const std::string kSites =
    "loop_\n_atom_site_type_symbol\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n"
    "_atom_site_fract_z\n_atom_site_occupancy\n";

std::string refusal(const std::string& text) {
  return test::message_of<ReadError>([&] { read_cif(text, "a.cif"); });
}

TEST(CifReader, ReadsEveryListedAtomOfAP1Cell) {
  const auto crystal =
      read_cif(cell(5, 6, 7) + kSites + "Na Na1 0 0 0 1\nCl Cl1 0.5 0.25 -0.125 1.0\n", "a.cif");

  EXPECT_EQ(formula(crystal), "Na1 Cl1");
  EXPECT_TRUE(crystal.lattice.isApprox(Matrix3(Vector3(5, 6, 7).asDiagonal())));
  EXPECT_TRUE(crystal.fractional[1].isApprox(Vector3(0.5, 0.25, 0.875))) << "coordinates come into [0, 1)";
}

TEST(CifReader, LaysCAlongZAndAIntoTheXzPlane) {
  const Matrix3 lattice = read_cif(cell(3, 4, 5, 80, 95, 110) + kSites + "Si Si1 0 0 0 1\n", "a.cif").lattice;
  const auto cosine = [](double degrees) { return std::cos(degrees * M_PI / 180); };

  EXPECT_EQ(lattice.row(2), Vector3(0, 0, 5));
  EXPECT_EQ(lattice(0, 1), 0.0);
  EXPECT_GT(lattice(0, 0), 0.0);
  Matrix3 metric;                                  // what lengths and angles say, whatever the orientation
  metric << 9, 12 * cosine(110), 15 * cosine(95),  //
      12 * cosine(110), 16, 20 * cosine(80),       //
      15 * cosine(95), 20 * cosine(80), 25;
  EXPECT_TRUE((lattice * lattice.transpose()).isApprox(metric, 1e-12));
  EXPECT_GT(lattice.determinant(), 0.0);
}

TEST(CifReader, TakesNumbersWithTheirUncertainty) {
  const std::string text =
      "data_x\n_cell_length_a 5.430(2)\n_cell_length_b 5.43(12)\n_cell_length_c +5.43\n_cell_angle_alpha "
      "90.0(1)\n"
      "_cell_angle_beta 90\n_cell_angle_gamma 90.\n" +
      kSites + "Si Si1 0.1250(3) .125 1.25e-1 1.000(5)\n";

  const auto crystal = read_cif(text, "a.cif");

  EXPECT_NEAR(crystal.volume(), 5.43 * 5.43 * 5.43, 1e-9);
  EXPECT_TRUE(crystal.fractional[0].isApprox(Vector3::Constant(0.125)));
}

TEST(CifReader, KnowsElementsBehindChargesLabelsAndIsotopes) {
  const auto by_symbol =
      read_cif(cell(9, 9, 9) + kSites +
                   "Fe3+ x 0 0 0 1\nO2- x .2 0 0 1\nD x .4 0 0 1\nNA1+ x .6 0 0 1\nFe0+ x .8 0 0 ?\n",
               "a.cif");
  EXPECT_EQ(formula(by_symbol), "Fe2 O1 H1 Na1");

  const auto by_label =
      read_cif(cell(9, 9, 9) +
                   "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n"
                   "_atom_site_fract_z\nFe1 0 0 0\nOw2 .2 0 0\nLI1 .4 0 0\nC12 .6 0 0\nCl1A .8 0 0\n",
               "a.cif");
  EXPECT_EQ(formula(by_label), "Fe1 O1 Li1 C1 Cl1");
}

TEST(CifReader, ReadsTagsInAnyCaseAndWithDots) {
  const std::string text =
      "#\\#CIF_2.0\nDATA_x\n_CELL.LENGTH_A 4\n_cell.length_b 4\n_cell.length_c 4\n_cell.angle_alpha 90\n"
      "_cell.angle_beta 90\n_cell.angle_gamma 90\nLOOP_\n_atom_site.type_symbol\n_atom_site.fract_x\n"
      "_atom_site.fract_y\n_atom_site.fract_z\nCu 0 0 0 # a comment\n";

  EXPECT_EQ(formula(read_cif(text, "a.cif")), "Cu1");
}

TEST(CifReader, TakesTheBlockWithAtomsAndNoDefinitions) {
  const std::string text =
      "data_global\n_journal_name_full\n;\nActa _atom_site_fract_x\n;\nsave_frame\n_atom_site_fract_x "
      "1\nsave_\n" +
      cell(4, 4, 4) + kSites + "Cu Cu1 0 0 0 1\n" + "data_publication\n_journal_year 1998\n";

  EXPECT_EQ(formula(read_cif(text, "a.cif")), "Cu1");
}

TEST(CifReader, RefusesASecondCrystalInsteadOfLosingIt) {
  const std::string one = cell(4, 4, 4) + kSites + "Cu Cu1 0 0 0 1\n";

  EXPECT_THAT(refusal(one + "data_second\n" + kSites + "Ag Ag1 0 0 0 1\n"),
              AllOf(HasSubstr("must hold one crystal"), HasSubstr("a file of its own")));
}

TEST(CifReader, ReadsCarriageReturnsAndAByteOrderMark) {
  std::string text = "\xEF\xBB\xBF" + cell(4, 4, 4) + kSites + "Cu Cu1 0 0 0 1\n";
  for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos; at += 2) text.insert(at, "\r");

  EXPECT_EQ(formula(read_cif(text, "a.cif")), "Cu1");
}

TEST(CifReader, ExpandsListedOperationsAndMergesSpecialPositions) {
  // Rutile, P 42/m n m: Ti on 2a, O on 4f.
  const std::string text =
      cell(4.594, 4.594, 2.959) +
      "loop_\n_symmetry_equiv_pos_site_id\n_symmetry_equiv_pos_as_xyz\n1 'x, y, z'\n2 '-x, -y, z'\n"
      "3 '-y+1/2, x+1/2, z+1/2'\n4 'y+1/2, -x+1/2, z+1/2'\n5 '-x+1/2, y+1/2, -z+1/2'\n"
      "6 'x+1/2, -y+1/2, -z+1/2'\n7 'y, x, -z'\n8 '-y, -x, -z'\n9 '-x, -y, -z'\n10 'x, y, -z'\n"
      "11 'y+1/2, -x+1/2, -z+1/2'\n12 '-y+1/2, x+1/2, -z+1/2'\n13 'x+1/2, -y+1/2, z+1/2'\n"
      "14 '-x+1/2, y+1/2, z+1/2'\n15 '-y, -x, z'\n16 'y, x, z'\n" +
      kSites + "Ti4+ Ti1 0 0 0 1\nO2- O1 0.3053 0.3053 0 1\n";

  EXPECT_EQ(formula(read_cif(text, "a.cif")), "Ti2 O4");
}

TEST(CifReader, PutsACoordinateCutToFewDigitsOnItsSpecialPosition) {
  // hcp Mg on 2c (1/3, 2/3, 1/4) of P 63/m m c, written with three digits.
  const std::string text = cell(3.209, 3.209, 5.211, 90, 90, 120) +
                           "_space_group_name_H-M_alt 'P 63/m m c'\n" + kSites +
                           "Mg Mg1 0.333 0.667 0.25 1\n";

  const auto crystal = read_cif(text, "a.cif");

  ASSERT_EQ(crystal.num_atoms(), 2u);
  EXPECT_NEAR(crystal.fractional[0](0), 1.0 / 3.0, 1e-12);
  EXPECT_NEAR(crystal.fractional[0](1), 2.0 / 3.0, 1e-12);
}

TEST(CifReader, ExpandsFromNameOrNumberAlone) {
  const std::string sodium_chloride = kSites + "Na Na1 0 0 0 1\nCl Cl1 .5 .5 .5 1\n";
  for (const auto* group :
       {"_symmetry_space_group_name_H-M 'F m -3 m'", "_symmetry_space_group_name_H-M Fm-3m",
        "_space_group_IT_number 225", "_space_group_name_Hall '-F 4 2 3'",
        "_symmetry_space_group_name_H-M ?\n_symmetry_Int_Tables_number 225"})
    EXPECT_EQ(formula(read_cif(cell(5.64, 5.64, 5.64) + group + "\n" + sodium_chloride, "a.cif")), "Na4 Cl4")
        << group;

  const std::string bismuth = kSites + "Bi Bi1 0 0 0.234 1\n";
  EXPECT_EQ(read_cif(cell(4.54, 4.54, 11.86, 90, 90, 120) + "_space_group_IT_number 166\n" + bismuth, "a.cif")
                .num_atoms(),
            6u)
      << "hexagonal axes";
  const std::string rhombohedral = kSites + "Bi Bi1 .234 .234 .234 1\n";
  EXPECT_EQ(read_cif(cell(4.75, 4.75, 4.75, 57.2, 57.2, 57.2) + "_space_group_IT_number 166\n" + rhombohedral,
                     "a.cif")
                .num_atoms(),
            2u)
      << "rhombohedral axes";
}

TEST(CifReader, RefusesToGuessAnOriginChoice) {
  const auto silicon = [](const std::string& name) {
    return cell(5.43, 5.43, 5.43) + "_space_group_name_H-M_alt '" + name + "'\n" + kSites +
           "Si Si1 0.125 0.125 0.125 1\n";
  };

  EXPECT_EQ(read_cif(silicon("F d -3 m:2"), "a.cif").num_atoms(), 8u);
  EXPECT_EQ(read_cif(silicon("F d -3 m Z"), "a.cif").num_atoms(), 8u);
  EXPECT_EQ(read_cif(silicon("F d -3 m:1"), "a.cif").num_atoms(), 16u);
  EXPECT_THAT(refusal(silicon("F d -3 m")), AllOf(StartsWith("a.cif:8: "), HasSubstr("two origin choices"),
                                                  HasSubstr("_space_group_symop_operation_xyz")));
}

TEST(CifReader, RefusesAGroupThatDoesNotFitTheCell) {
  EXPECT_THAT(refusal(cell(4, 4, 5) + "_space_group_IT_number 225\n" + kSites + "Na Na1 0 0 0 1\n"),
              HasSubstr("must keep the cell's shape"));
}

TEST(CifReader, NamesTheDisorderedSite) {
  EXPECT_THAT(refusal(cell(4, 4, 4) + kSites + "Na Na1 0 0 0 1\nFe Fe7 .5 .5 .5 0.5\n"),
              AllOf(StartsWith("a.cif:16: disorder beyond the policy"),
                    HasSubstr("site Fe7 has occupancy 0.5"), HasSubstr("Order the structure first")));
}

TEST(CifReader, NamesLineValueAndRemedyOfEachFault) {
  const std::string good_cell = cell(4, 4, 4);
  EXPECT_THAT(refusal(good_cell + kSites + "Cu Cu1 0 0 abc 1\n"),
              AllOf(StartsWith("a.cif:15: _atom_site_fract_z must be a number, got 'abc'")));
  EXPECT_THAT(refusal(good_cell + kSites + "Cu Cu1 0 0 ? 1\n"),
              HasSubstr("_atom_site_fract_z must be a number, got '?'"));
  EXPECT_THAT(refusal(good_cell + kSites + "Cu Cu1 0 0 1e999 1\n"), HasSubstr("a number, got '1e999'"));
  EXPECT_THAT(refusal(good_cell + kSites + "Xx Xx1 0 0 0 1\n"),
              AllOf(StartsWith("a.cif:15: the site's element must be known"), HasSubstr("'Xx'")));
  EXPECT_THAT(refusal(good_cell + kSites + "Cu Cu1 0 0 0\n"),
              AllOf(StartsWith("a.cif:9: a loop of 6 tags"), HasSubstr("got 5")));
  EXPECT_THAT(refusal(good_cell), AllOf(StartsWith("a.cif: "), HasSubstr("must list its atoms")));
  EXPECT_THAT(refusal("data_x\n" + kSites + "Cu Cu1 0 0 0 1\n"), HasSubstr("_cell_length_a must be given"));
  EXPECT_THAT(refusal(cell(4, -4, 4) + kSites + "Cu Cu1 0 0 0 1\n"),
              AllOf(StartsWith("a.cif:3: _cell_length_b must be above 0"), HasSubstr("got -4")));
  EXPECT_THAT(refusal(cell(4, 4, 4, 90, 90, 180) + kSites + "Cu Cu1 0 0 0 1\n"),
              HasSubstr("between 0 and 180"));
  EXPECT_THAT(refusal(cell(4, 4, 4, 30, 40, 120) + kSites + "Cu Cu1 0 0 0 1\n"),
              HasSubstr("must close to a volume"));
  EXPECT_THAT(refusal(good_cell + "_cell_length_a 5\n" + kSites + "Cu Cu1 0 0 0 1\n"),
              AllOf(StartsWith("a.cif:8: _cell_length_a must stand once"), HasSubstr("line 2")));
  EXPECT_THAT(refusal(good_cell + "_space_group_name_H-M_alt 'Q 7'\n" + kSites + "Cu Cu1 0 0 0 1\n"),
              AllOf(StartsWith("a.cif:8: the space group must be"), HasSubstr("'Q 7'")));
  EXPECT_THAT(refusal(good_cell + "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n'x, q, z'\n" + kSites +
                      "Cu Cu1 0 0 0 1\n"),
              AllOf(StartsWith("a.cif:11: "), HasSubstr("must be a triplet"), HasSubstr("'x, q, z'")));
  EXPECT_THAT(refusal("hello"), AllOf(StartsWith("a.cif:1: must be CIF syntax"), HasSubstr("block header")));
  EXPECT_THAT(refusal(" \n"), HasSubstr("must hold a data block, and is empty"));
  EXPECT_THAT(refusal(good_cell + "_x 'never closed\n"),
              AllOf(StartsWith("a.cif:8: "), HasSubstr("unterminated")));
}

TEST(CifReader, BoundsWhatSymmetryMakes) {
  std::string sites;
  for (int i = 0; i < 500; ++i)
    sites += fmt::format("Cu Cu{0} 0.{0:03}1 0.2371 0.{1:03}7 1\n", i, (i * 37) % 500);

  EXPECT_THAT(refusal(cell(99, 99, 99) + "_space_group_IT_number 225\n" + kSites + sites),
              HasSubstr("at most 20000 atoms"));
}

TEST(CifReader, RefusesALabelThatCouldBeTwoElements) {
  const std::string text =
      cell(4, 4, 4) +
      "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
      "CO1 0 0 0\n";
  EXPECT_THAT(refusal(text), AllOf(HasSubstr("label 'CO1'"), HasSubstr("_atom_site_type_symbol")));
}

}  // namespace
}  // namespace tessera::crystal
