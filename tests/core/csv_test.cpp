// SPDX-License-Identifier: Apache-2.0
#include "core/csv.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "core/error.hpp"
#include "core/file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Csv, ReadsQuotesCommasNewlinesAndCrLf) {
  const auto rows = parse_csv("id,note\r\na,\"x, \"\"y\"\"\nz\"\r\n\r\nb,\n", "t.csv");

  ASSERT_EQ(rows.size(), 3u);
  EXPECT_THAT(rows[1].fields, ElementsAre("a", "x, \"y\"\nz"));
  EXPECT_THAT(rows[2].fields, ElementsAre("b", ""));
  EXPECT_EQ(rows[2].line, 5);
}

TEST(Csv, WhatIsWrittenReadsBack) {
  using Fields = std::vector<std::string>;
  for (const auto& fields :
       {Fields{"", "a,b", "say \"no\"", "line\nbreak", "plain"}, Fields{"a\r", "b\r"}, Fields{""}})
    EXPECT_THAT(parse_csv(csv_line(fields) + "\r\n", "t.csv"),
                ElementsAre(testing::Field(&CsvRow::fields, fields)));
}

TEST(Csv, AnUnclosedQuoteIsNamedByLine) {
  EXPECT_THAT(test::message_of<InputError>([] { parse_csv("a,b\nc,\"d\n", "t.csv"); }),
              HasSubstr("t.csv:2:"));
}

TEST(Csv, ARowOfAnotherLengthIsRefused) {
  test::TemporaryFolder folder;
  write_file_atomically(folder / "t.csv", "a,b\n1,2\n3\n");

  EXPECT_THAT(test::message_of<InputError>([&] { read_csv(folder / "t.csv"); }),
              HasSubstr("t.csv:3: must have 2 fields as the header does, got 1"));
}

TEST(Csv, NumbersKeepEveryBit) {
  for (const double value : {0.1, 1.0 / 3.0, 1e-300, -12345.678901234567})
    EXPECT_EQ(std::stod(csv_number(value)), value);
  EXPECT_EQ(csv_number(std::nan("")), "");
}

}  // namespace
}  // namespace tessera::core
