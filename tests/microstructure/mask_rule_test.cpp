// SPDX-License-Identifier: Apache-2.0
#include "microstructure/mask_rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "support/expect_error.hpp"

namespace tessera::microstructure {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Raster<std::uint16_t> row_of(const std::vector<std::uint16_t>& levels) {
  Raster<std::uint16_t> grey(1, static_cast<int>(levels.size()));
  grey.values() = levels;
  return grey;
}

TEST(MaskRule, DarkIsBelowTheThresholdAndBrightIsNot) {
  const auto grey = row_of({0, 127, 128, 255, 65535});

  EXPECT_THAT(mask_of(grey, {.rule = MaskRule::Dark}).values(), ElementsAre(1, 1, 0, 0, 0));
  EXPECT_THAT(mask_of(grey, {.rule = MaskRule::Bright}).values(), ElementsAre(0, 0, 1, 1, 1));
  EXPECT_THAT(mask_of(grey, {.rule = MaskRule::Bright, .threshold = 256}).values(),
              ElementsAre(0, 0, 0, 0, 1));
  EXPECT_THAT(mask_of(grey, {.rule = MaskRule::Dark, .threshold = 1}).values(), ElementsAre(1, 0, 0, 0, 0));
}

TEST(MaskRule, ValuesNumberTheLevelsOfTheWholeDataset) {
  const MaskReading reading{.rule = MaskRule::Values, .levels = {0, 128, 65535}};

  EXPECT_THAT(mask_of(row_of({65535, 0, 65535}), reading).values(), ElementsAre(2, 0, 2));
  EXPECT_THAT(mask_of(row_of({128}), reading).values(), ElementsAre(1));
  EXPECT_THAT(test::message_of<core::DataError>([&] {
                mask_of(row_of({0, 7}), reading);
              }),
              AllOf(HasSubstr("among the 3 of the dataset"), HasSubstr("one is 7")));
}

TEST(MaskRule, IsNamedOnTheCommandLine) {
  for (const auto* name : {"dark", "bright", "values"}) EXPECT_EQ(name_of(mask_rule_from_name(name)), name);
  EXPECT_THAT(test::message_of<core::InputError>([] { mask_rule_from_name("drak"); }),
              HasSubstr("did you mean \"dark\"?"));
}

TEST(LevelSet, ListsWhatOccursAscending) {
  LevelSet levels;
  levels.add(row_of({9, 0, 9}));
  levels.add(row_of({65535, 3}));
  levels.add(std::uint16_t{4});

  EXPECT_EQ(levels.count(), 5u);
  EXPECT_THAT(levels.levels(), ElementsAre(0, 3, 4, 9, 65535));
}

}  // namespace
}  // namespace tessera::microstructure
