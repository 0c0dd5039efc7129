// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"

#include <gtest/gtest.h>

namespace tessera::core {
namespace {

TEST(ParseNumber, TakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_number(" -1.5e3 "), -1500.0);
  EXPECT_EQ(parse_number("+2"), 2.0);
  EXPECT_FALSE(parse_number("1.5 GPa"));
  EXPECT_FALSE(parse_number(""));
  EXPECT_FALSE(parse_number("+-5"));
  EXPECT_FALSE(parse_number("++5"));
  EXPECT_EQ(parse_integer("42"), 42);
  EXPECT_FALSE(parse_integer("4.2"));
}

TEST(NearestWord, FindsTheMisspeltAndRefusesTheFar) {
  const std::vector<std::string> known{"epochs", "optimizer", "learning_rate"};

  EXPECT_EQ(nearest_word("epoch", known), "epochs");
  EXPECT_EQ(nearest_word("learnig_rate", known), "learning_rate");
  EXPECT_FALSE(nearest_word("zzzzzzzz", known));
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ',').size(), 3u);
}

TEST(FormatDuration, IsForPeople) {
  EXPECT_EQ(format_duration(3.42), "3.4 s");
  EXPECT_EQ(format_duration(75), "1 min 15 s");
  EXPECT_EQ(format_duration(7260), "2 h 01 min");
}

}  // namespace
}  // namespace tessera::core
