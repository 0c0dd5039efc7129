// SPDX-License-Identifier: Apache-2.0
#include "crystal/element.hpp"

#include <gmock/gmock.h>

#include <numeric>
#include <string>

#include "core/error.hpp"
#include "core/hash.hpp"

namespace tessera::crystal {
namespace {

TEST(Element, SymbolsAndNumbersAreInverse) {
  for (int element = 1; element <= kMaxElement; ++element)
    EXPECT_EQ(element_from_symbol(symbol(element)), element);
  EXPECT_EQ(symbol(1), "H");
  EXPECT_EQ(symbol(26), "Fe");
  EXPECT_EQ(symbol(118), "Og");
  EXPECT_EQ(element_from_symbol("fe"), std::nullopt);
  EXPECT_EQ(element_from_symbol(""), std::nullopt);
}

TEST(Element, GroupPeriodAndBlockFollowTheTable) {
  struct Row {
    const char* symbol;
    int group, period;
    Block block;
  };
  for (const Row& row : {Row{"H", 1, 1, Block::S}, Row{"He", 18, 1, Block::S}, Row{"Be", 2, 2, Block::S},
                         Row{"B", 13, 2, Block::P}, Row{"Ar", 18, 3, Block::P}, Row{"Sc", 3, 4, Block::D},
                         Row{"Zn", 12, 4, Block::D}, Row{"La", 0, 6, Block::F}, Row{"Yb", 0, 6, Block::F},
                         Row{"Lu", 3, 6, Block::D}, Row{"Tl", 13, 6, Block::P}, Row{"Ra", 2, 7, Block::S},
                         Row{"Ac", 0, 7, Block::F}, Row{"Lr", 3, 7, Block::D}, Row{"Og", 18, 7, Block::P}}) {
    const int element = *element_from_symbol(row.symbol);
    EXPECT_EQ(group(element), row.group) << row.symbol;
    EXPECT_EQ(period(element), row.period) << row.symbol;
    EXPECT_EQ(block(element), row.block) << row.symbol;
  }
}

TEST(AtomFeatures, AreThePublishedVectorsOfAllHundredElements) {
  std::string bits;
  int ones = 0;
  int complete = 0;
  for (int element = 1; element <= kMaxFeaturedElement; ++element) {
    int own = 0;
    for (std::uint8_t bit : atom_features(element)) {
      bits += bit ? '1' : '0';
      own += bit;
    }
    ones += own;
    complete += own == 9;
  }

  EXPECT_EQ(ones, 850);
  EXPECT_EQ(complete, 69);
  EXPECT_EQ(core::sha256_of(bits), "81165a6177a5e0393daeef184be41ba3f1839026afe6d37bd6220e459bbb4a66");
}

TEST(AtomFeatures, EndWithTheTabulatedElements) {
  try {
    atom_features(104);
    FAIL() << "no error";
  } catch (const core::DataError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("from 1 to 100, got Rf (104)"));
  }
  EXPECT_THROW(atom_features(0), core::DataError);
  EXPECT_THROW(symbol(119), core::DataError);
}

TEST(Element, RadiiAreInAngstrom) {
  EXPECT_DOUBLE_EQ(covalent_radius_angstrom(11), 1.55);
}

}  // namespace
}  // namespace tessera::crystal
