// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/targets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "core/error.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::crystal {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TargetsTest : public ::testing::Test {
 protected:
  TargetTable read(const std::string& content) {
    std::ofstream(folder_ / "t.csv") << content;
    return read_targets(folder_ / "t.csv");
  }
  std::string refusal(const std::string& content) {
    return test::message_of<core::InputError>([&] { read(content); });
  }
  test::TemporaryFolder folder_;
};

using Targets = TargetsTest;

TEST_F(Targets, AreTheNumericColumnsInOrder) {
  const auto targets = read("formula,material_id,k,sites,empty\nNaCl,mp-2,24.5,2,\nMgO,mp-1,-1e3,2,\n");

  EXPECT_THAT(targets.names, ElementsAre("k", "sites"));
  EXPECT_THAT(targets.skipped, ElementsAre("formula", "empty"));
  EXPECT_THAT(targets.rows.at("mp-1").values, ElementsAre(-1000.0, 2.0));
}

TEST_F(Targets, TakeIdOrTheFirstColumnAsTheName) {
  EXPECT_EQ(read("k,id\n1,a\n").rows.at("a").values[0], 1.0);
  EXPECT_EQ(read("crystal,k\nc7,1\n").rows.at("c7").values[0], 1.0);
}

TEST_F(Targets, TakeTheNameFromTheColumnsAskedFor) {
  read("material_id,image,k\n1,a,2\n");

  const std::vector<std::string_view> columns = {"id", "image"};
  const auto targets = read_targets(folder_ / "t.csv", columns);

  EXPECT_THAT(targets.names, ElementsAre("material_id", "k"));
  EXPECT_TRUE(targets.rows.contains("a"));
}

TEST_F(Targets, DoNotMindBlanksAroundNames) {
  const auto targets = read("gap , material_id, k\n1, mp-1 ,2\n");

  EXPECT_THAT(targets.names, ElementsAre("gap", "k"));
  EXPECT_THAT(targets.rows.at("mp-1").values, ElementsAre(1.0, 2.0));
}

TEST_F(Targets, AreNamedInUtf8) {
  const auto targets = read(
      "id,gr\xF6\xDF"
      "e\nm\xFC,1\n");

  EXPECT_THAT(targets.names, ElementsAre("gr\xEF\xBF\xBD\xEF\xBF\xBD"
                                         "e"));
  EXPECT_TRUE(targets.rows.contains("m\xEF\xBF\xBD"));
}

TEST_F(Targets, AreNaNWhereMissingOrNotFinite) {
  const auto targets = read("id,k,g\na,,1\nb,NaN,2\nc,inf,\nd,4,None\n");

  EXPECT_THAT(targets.names, ElementsAre("k", "g"));
  for (const auto* id : {"a", "b", "c"}) EXPECT_TRUE(std::isnan(targets.rows.at(id).values[0])) << id;
  EXPECT_TRUE(std::isnan(targets.rows.at("d").values[1]));
}

TEST_F(Targets, OfARepeatedIdKeepTheFirstAndTellTheLine) {
  const auto targets = read("id,k\na,1\nb,2\na,3\n");

  ASSERT_EQ(targets.duplicates.size(), 1u);
  EXPECT_EQ(targets.duplicates[0].id, "a");
  EXPECT_EQ(targets.duplicates[0].line, 4);
  EXPECT_EQ(targets.duplicates[0].first_line, 2);
  EXPECT_EQ(targets.rows.at("a").values[0], 1.0);
}

TEST_F(Targets, RefuseWhatIsNoTable) {
  EXPECT_THAT(refusal(""), HasSubstr("is empty"));
  EXPECT_THAT(refusal("id,k\na,1,2\n"), HasSubstr("t.csv:2: must have 2 fields"));
  EXPECT_THAT(refusal("id,k\n,1\n"),
              AllOf(HasSubstr("t.csv:2: "), HasSubstr("'id' must name what the row is about")));
  EXPECT_THAT(refusal("id,k,k\na,1,2\n"), HasSubstr("got 'k' twice"));
  EXPECT_THAT(refusal("id,name\na,x\n"), HasSubstr("must have a numeric column beside 'id'"));
  EXPECT_THAT(test::message_of<core::InputError>([&] { read_targets(folder_ / "absent.csv"); }),
              HasSubstr("absent.csv"));
}

}  // namespace
}  // namespace tessera::crystal
