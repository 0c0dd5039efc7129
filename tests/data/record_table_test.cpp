// SPDX-License-Identifier: Apache-2.0
#include "data/record_table.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "data/made_records.hpp"
#include "data/quarantine.hpp"

namespace tessera::data {
namespace {

using ::testing::HasSubstr;

const double kNone = std::numeric_limits<double>::quiet_NaN();

std::vector<RecordRow> two_rows() {
  std::vector<RecordRow> rows(2);
  rows[0].id = "mp-1", rows[0].atoms = 2, rows[0].faces = 336, rows[0].edges = 24;
  rows[0].targets = {131.5, 229, kNone};
  rows[1].id = "odd, \"id\"", rows[1].row = 1, rows[1].atoms = 3, rows[1].edges = 36;
  rows[1].targets = {0.1, 1, 7};
  return rows;
}

TEST(RecordTable, HasTheColumnsOfTheInterface) {
  EXPECT_EQ(records_csv(two_rows(), made_schema()),
            "record,id,shard,row,atoms,faces,edges,space_group,k_vrh_gpa,crystal_system\n"
            "0,mp-1,0,0,2,336,24,229,131.5,\n"
            "1,\"odd, \"\"id\"\"\",0,1,3,0,36,1,0.1,7\n");
}

TEST(RecordTable, OfImagesHasTheirOwnColumns) {
  DatasetSchema schema;
  schema.kind = kImages;
  schema.targets = {{"space_group", ""}};  // no name is special here
  std::vector<RecordRow> rows(1);
  rows[0].id = "13-a", rows[0].group = "13", rows[0].height = 128, rows[0].width = 96;
  rows[0].um_per_px = 0.5;
  rows[0].targets = {7};
  const std::string text =
      "record,id,group,shard,row,height,width,um_per_px,space_group\n0,13-a,13,0,0,128,96,0.5,7\n";
  EXPECT_EQ(records_csv(rows, schema), text);
  EXPECT_EQ(records_csv(parse_records_csv(text, "records.csv", schema), schema), text);
}

TEST(RecordTable, GivesBackWhatWasWritten) {
  const auto text = records_csv(two_rows(), made_schema());
  const auto rows = parse_records_csv(text, "records.csv", made_schema());
  EXPECT_EQ(records_csv(rows, made_schema()), text);
  EXPECT_EQ(rows[1].id, "odd, \"id\"");
  EXPECT_TRUE(std::isnan(rows[0].targets[2]));
  EXPECT_EQ(rows[0].targets[1], 229);
}

TEST(RecordTable, NamesTheLineThatIsWrong) {
  const std::string header = "record,id,shard,row,atoms,faces,edges,space_group,k_vrh_gpa,crystal_system\n";
  const auto said = [&](const std::string& text) {
    return message_of<core::DataError>([&] { parse_records_csv(text, "records.csv", made_schema()); });
  };
  EXPECT_THAT(said("a,b\n"), HasSubstr("records.csv:1: the columns must be record,id"));
  EXPECT_THAT(said(header + "0,a,0,0,1,1,1,1,1,1\n2,b,0,1,1,1,1,1,1,1\n"),
              HasSubstr("records.csv:3: records must be"));
  EXPECT_THAT(said(header + "0,a,0,0,1,1,1,1,1,1\n1,a,0,1,1,1,1,1,1,1\n"), HasSubstr("got \"a\""));
  EXPECT_THAT(said(header + "0,a,0,-1,1,1,1,1,1,1\n"),
              HasSubstr("row must be a number from 0 on, got \"-1\""));
  EXPECT_THAT(said(header + "0,a,0,0,1,1,1,1,x,1\n"), HasSubstr("k_vrh_gpa must be a number, got \"x\""));
  EXPECT_THAT(said(header + "0,a\n"), HasSubstr("10 fields expected, got 2"));
}

TEST(Quarantine, ListsInOrderOfIdAndIsReadBack) {
  TemporaryFolder folder;
  const std::vector<QuarantineRow> rows{{"b", "b.cif", 0, "no atoms"},
                                        {"a", "x.tar:a.cif", 7, "line\nbreak, \"x\""}};
  const auto text = quarantine_csv(rows);
  write_text(folder / "quarantine.csv", text);

  const auto back = read_quarantine(folder / "quarantine.csv");

  EXPECT_TRUE(text.starts_with("id,source,line,reason\na,x.tar:a.cif,7,"));
  EXPECT_EQ(back, (std::vector<QuarantineRow>{rows[1], rows[0]}));
  write_text(folder / "quarantine.csv", "id,source,line,reason\na,b,c,d\n");
  EXPECT_THAT(message_of<core::DataError>([&] { read_quarantine(folder / "quarantine.csv"); }),
              HasSubstr("quarantine.csv:2:"));
}

TEST(DatasetSchema, NamesTheNearestTarget) {
  EXPECT_EQ(target_index(made_schema(), "space_group"), 1u);
  EXPECT_THAT(message_of<core::InputError>([] { target_index(made_schema(), "k_vhr_gpa"); }),
              AllOf(HasSubstr("did you mean \"k_vrh_gpa\"?"), HasSubstr("space_group, crystal_system")));
  EXPECT_THAT(message_of<core::InputError>([] { check_target_names({{"a/b", ""}}); }), HasSubstr("a/b"));
  EXPECT_THAT(message_of<core::InputError>([] {
                check_target_names({{"a", ""}, {"a", ""}});
              }),
              HasSubstr("twice"));
}

}  // namespace
}  // namespace tessera::data
