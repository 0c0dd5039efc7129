// SPDX-License-Identifier: Apache-2.0
#include "crystal/structure.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <string>

#include "core/error.hpp"
#include "crystal/crystals.hpp"

namespace tessera::crystal {
namespace {

std::string refusal(const Structure& structure) {
  try {
    check_possible(structure);
  } catch (const core::DataError& error) {
    return error.what();
  }
  return "possible";
}

TEST(Structure, KnowsVolumeHeightsAndFormula) {
  const Structure magnesium = hcp_magnesium();

  EXPECT_NEAR(magnesium.volume(), 3.209 * 2.7790755 * 5.211, 1e-9);
  const Vector3 heights = perpendicular_heights(magnesium.lattice);
  EXPECT_NEAR(heights[0], 2.7790755, 1e-6);
  EXPECT_NEAR(heights[1], 2.7790755, 1e-6);
  EXPECT_NEAR(heights[2], 5.211, 1e-9);
  EXPECT_EQ(formula(perovskite()), "Sr1 Ti1 O3");
}

TEST(Structure, OrdinaryCrystalsArePossible) {
  for (const Structure& crystal : {bcc_iron(), fcc_copper(), rock_salt(), perovskite(), hcp_magnesium()})
    EXPECT_EQ(refusal(crystal), "possible") << formula(crystal);
}

TEST(Structure, RefusesEachImpossibilityWithItsReason) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto changed = [](auto change) {
    Structure crystal = cesium_chloride();
    change(crystal);
    return refusal(crystal);
  };
  using testing::HasSubstr;
  EXPECT_THAT(refusal({}), HasSubstr("this one has none"));
  EXPECT_THAT(changed([](auto& c) { c.fractional.pop_back(); }), HasSubstr("2 elements and 1 positions"));
  EXPECT_THAT(changed([&](auto& c) { c.lattice(0, 0) = nan; }), HasSubstr("but a has nan"));
  EXPECT_THAT(changed([](auto& c) { c.lattice(1, 1) = 2e3; }), HasSubstr("but b has 2000"));
  EXPECT_THAT(changed([](auto& c) { c.lattice *= 0.1; }), HasSubstr("at least 0.1 Å³ an atom"));
  EXPECT_THAT(changed([](auto& c) { c.lattice.row(2) = c.lattice.row(1); }), HasSubstr("0 Å³ (2 atoms)"));
  EXPECT_THAT(changed([](auto& c) { c.lattice.row(0) *= 1e-3, c.lattice.row(2) *= 100; }),
              HasSubstr("two are 0.004123 Å"));
  EXPECT_THAT(changed([](auto& c) { c.elements[1] = 119; }), HasSubstr("atom 2 has 119"));
  EXPECT_THAT(changed([](auto& c) { c.elements[0] = 0; }), HasSubstr("atom 1 has 0"));
  EXPECT_THAT(changed([&](auto& c) { c.fractional[1][2] = nan; }),
              HasSubstr("atom 2 (Cl) is at 0.5 0.5 nan"));
  EXPECT_THAT(changed([](auto& c) { c.fractional[1][2] = 1e9; }), HasSubstr("within ±1000"));
  EXPECT_THAT(changed([](auto& c) {
                c.fractional[1] = {1, 0, .1};
              }),
              HasSubstr("Cs (atom 1) and Cl (atom 2, in another cell) are 0.412 Å"));
  EXPECT_THAT(changed([](auto& c) { c.fractional[1] = c.fractional[0]; }), HasSubstr("are 0.000 Å"));
  EXPECT_THAT(changed([](auto& c) { c.lattice.row(0) *= 0.1; }),
              HasSubstr("Cs (atom 1, in another cell) are 0.412"));
}

}  // namespace
}  // namespace tessera::crystal
