// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/poscar_reader.hpp"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crystal/readers/read_error.hpp"
#include "support/expect_error.hpp"

namespace tessera::crystal {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kLattice = "4 0 0\n0 5 0\n0 0 6\n";

std::string refusal(const std::string& text) {
  return test::message_of<ReadError>([&] { read_poscar(text, "POSCAR"); });
}

TEST(PoscarReader, ReadsVasp5DirectCoordinates) {
  const auto crystal = read_poscar(
      "rock salt\n1.0\n" + kLattice + "Na Cl\n1 2\nDirect\n0 0 0\n.5 .5 .5 Cl\n.25 -.5 1.5\n", "POSCAR");

  EXPECT_EQ(formula(crystal), "Na1 Cl2");
  EXPECT_NEAR(crystal.volume(), 120, 1e-12);
  EXPECT_EQ(crystal.fractional[2], Vector3(0.25, -0.5, 1.5)) << "as given, outside the cell too";
}

TEST(PoscarReader, ScalesCartesianCoordinatesWithTheLattice) {
  const auto crystal = read_poscar("x\n2.0\n" + kLattice + "Si\n1\nCartesian\n1 1 1\n", "POSCAR");

  EXPECT_NEAR(crystal.volume(), 8 * 120, 1e-9);
  EXPECT_TRUE(crystal.cartesian(0).isApprox(Vector3(2, 2, 2)));
}

TEST(PoscarReader, TakesANegativeScaleAsTheVolume) {
  const auto crystal = read_poscar("x\n-960\n" + kLattice + "Si\n1\nkartesisch\n1 1 1\n", "POSCAR");

  EXPECT_NEAR(crystal.volume(), 960, 1e-9);
  EXPECT_TRUE(crystal.cartesian(0).isApprox(Vector3(2, 2, 2)));
}

TEST(PoscarReader, TakesAFactorForEachAxis) {
  const auto crystal = read_poscar("x\n1 2 3\n" + kLattice + "Si\n1\nCart\n1 1 1\n", "POSCAR");

  EXPECT_TRUE(crystal.lattice.isApprox(Matrix3(Vector3(4, 10, 18).asDiagonal())));
  EXPECT_TRUE(crystal.cartesian(0).isApprox(Vector3(1, 2, 3)));
}

TEST(PoscarReader, ReadsSelectiveDynamicsAndPotentialNames) {
  const auto crystal = read_poscar(
      "x\n1\n" + kLattice +
          "Fe_pv O/0123abc\n1 1 ! counts\nSelective dynamics\nDirect\n0 0 0 T T F\n.5 .5 .5 F F F\n"
          "\n0 0 0\n",
      "POSCAR");

  EXPECT_EQ(formula(crystal), "Fe1 O1");
}

TEST(PoscarReader, FindsVasp4ElementsInTheCommentOrBehindPositions) {
  EXPECT_EQ(formula(read_poscar("Ga As\n1\n" + kLattice + "1 1\nDirect\n0 0 0\n.5 .5 .5\n", "P")), "Ga1 As1");
  EXPECT_EQ(
      formula(read_poscar("my alloy of old\n1\n" + kLattice + "1 1\nDirect\n0 0 0 Ga\n.5 .5 .5 As\n", "P")),
      "Ga1 As1");
  EXPECT_EQ(formula(read_poscar("made by hand\n1\n" + kLattice + "1\nS\nDirect\n0 0 0 T T F F\n", "P")), "F1")
      << "the fluorine behind three flags";
}

TEST(PoscarReader, ReadsCarriageReturns) {
  EXPECT_EQ(formula(read_poscar("x\r\n1\r\n4 0 0\r\n0 5 0\r\n0 0 6\r\nSi\r\n1\r\nDirect\r\n0 0 0\r\n", "P")),
            "Si1");
}

TEST(PoscarReader, NamesLineAndFault) {
  EXPECT_THAT(refusal(""), AllOf(StartsWith("POSCAR:1: "), HasSubstr("must go on with a comment line")));
  EXPECT_THAT(refusal("x\nzero\n" + kLattice), AllOf(HasSubstr("the scale in line 2 must be a number")));
  EXPECT_THAT(refusal("x\n0\n" + kLattice), HasSubstr("other than 0"));
  EXPECT_THAT(refusal("x\n1\n4 0 0\n0 5\n0 0 6\nSi\n1\nDirect\n0 0 0\n"),
              AllOf(StartsWith("POSCAR:4: a lattice vector must be three numbers"), HasSubstr("'0 5'")));
  EXPECT_THAT(refusal("x\n1\n4 0 0\n4 0 0\n0 0 6\nSi\n1\nDirect\n0 0 0\n"),
              HasSubstr("must enclose a volume"));
  EXPECT_THAT(refusal("x\n1\n" + kLattice + "Zz\n1\nDirect\n0 0 0\n"),
              AllOf(StartsWith("POSCAR:6: elements must be symbols"), HasSubstr("'Zz'")));
  EXPECT_THAT(refusal("x\n1\n" + kLattice + "Na Cl\n1\nDirect\n0 0 0\n"),
              AllOf(StartsWith("POSCAR:7: "), HasSubstr("one count for each of 2 elements, got 1")));
  EXPECT_THAT(refusal("x\n1\n" + kLattice + "Na\n-1\nDirect\n0 0 0\n"), HasSubstr("whole numbers, got '-1'"));
  EXPECT_THAT(refusal("x\n1\n" + kLattice + "Na\n999999999999\nDirect\n0 0 0\n"),
              HasSubstr("at most 20000 atoms"));
  EXPECT_THAT(refusal("x\n1\n" + kLattice + "Na\n0\nDirect\n"), HasSubstr("at least one atom"));
  EXPECT_THAT(refusal("x\n1\n" + kLattice + "Na\n1\nanyhow\n0 0 0\n"),
              AllOf(StartsWith("POSCAR:8: "), HasSubstr("Direct or Cartesian, got 'anyhow'")));
  EXPECT_THAT(refusal("x\n1\n" + kLattice + "Na\n2\nDirect\n0 0 0\n"),
              AllOf(StartsWith("POSCAR:10: "), HasSubstr("one position for each atom counted")));
  EXPECT_THAT(refusal("x\n1\n" + kLattice + "Na\n1\nDirect\n0 nan 0\n"),
              HasSubstr("a position must be three numbers"));
  EXPECT_THAT(refusal("some alloy\n1\n" + kLattice + "1\nDirect\n0 0 0\n"),
              AllOf(StartsWith("POSCAR:8: the elements must be named"), HasSubstr("above the counts")));
}

}  // namespace
}  // namespace tessera::crystal
