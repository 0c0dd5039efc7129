// SPDX-License-Identifier: Apache-2.0
#include "data/split.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/error.hpp"
#include "core/file.hpp"
#include "data/made_records.hpp"

namespace tessera::data {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> ids_of(int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) ids.push_back("mp-" + std::to_string(i));
  return ids;
}

// Every record in exactly one part.
void expect_partition(const Split& split, std::size_t count) {
  std::vector<std::int64_t> all = split.train;
  all.insert(all.end(), split.validation.begin(), split.validation.end());
  all.insert(all.end(), split.test.begin(), split.test.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all.size(), count);
  EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
  EXPECT_TRUE(std::is_sorted(split.train.begin(), split.train.end()));
}

TEST(Split, AtRandomHasTheSharesToTheRecord) {
  const auto split = make_split({}, ids_of(1001));
  expect_partition(split, 1001);
  EXPECT_EQ(split.train.size(), 601u);
  EXPECT_EQ(split.validation.size(), 200u);
  EXPECT_EQ(split, make_split({}, ids_of(1001)));
  EXPECT_NE(split, make_split({.seed = 1}, ids_of(1001)));
}

TEST(Split, MayLeaveRecordsUnused) {
  const auto split = make_split({.train = 0.1, .validation = 0, .test = 0.2}, ids_of(100));
  expect_partition(split, 30);
  EXPECT_TRUE(split.validation.empty());
}

TEST(Split, ByHashKeepsARecordsPartWhenTheDatasetGrows) {
  const auto small = ids_of(2000);
  auto large = ids_of(3000);
  std::reverse(large.begin(), large.end());
  const SplitOptions options{.by = SplitRule::Hash, .seed = 5};

  const auto before = make_split(options, small), after = make_split(options, large);

  expect_partition(before, 2000);
  std::set<std::string> test_after;
  for (auto record : after.test) test_after.insert(large[static_cast<std::size_t>(record)]);
  for (auto record : before.test) EXPECT_TRUE(test_after.contains(small[static_cast<std::size_t>(record)]));
  // Binomial, 2000 draws at 0.6: deviation 22.
  EXPECT_NEAR(static_cast<double>(before.train.size()), 1200, 90);
}

TEST(Split, ByGroupKeepsGroupsTogetherAndSharesNear) {
  const auto ids = ids_of(600);
  std::vector<std::string> groups;
  for (int i = 0; i < 600; ++i) groups.push_back("scan" + std::to_string(i % 31));

  const auto split = make_split({.by = SplitRule::Group}, ids, groups);

  expect_partition(split, 600);
  std::map<std::string, std::set<int>> parts;
  for (auto r : split.train) parts[groups[static_cast<std::size_t>(r)]].insert(0);
  for (auto r : split.validation) parts[groups[static_cast<std::size_t>(r)]].insert(1);
  for (auto r : split.test) parts[groups[static_cast<std::size_t>(r)]].insert(2);
  for (const auto& [group, where] : parts) EXPECT_EQ(where.size(), 1u) << group;
  EXPECT_NEAR(static_cast<double>(split.train.size()), 360, 25);
  EXPECT_NEAR(static_cast<double>(split.test.size()), 120, 25);
}

TEST(Split, ByGroupGivesEachPartAGroupWhereThereAreThree) {
  const std::vector<std::string> groups{"a", "b", "c", "a", "b", "c"};
  const auto split = make_split({.by = SplitRule::Group}, ids_of(6), groups);
  EXPECT_EQ(split.validation.size(), 2u);
  EXPECT_EQ(split.test.size(), 2u);
}

TEST(Split, KeepsAtMostSoManyTheFewerAmongTheMore) {
  const auto ids = ids_of(1000);
  const auto all = make_split({}, ids);
  const auto more = make_split({.max_train = 200, .max_validation = 50}, ids);
  const auto fewer = make_split({.max_train = 70}, ids);

  EXPECT_EQ(more.train.size(), 200u);
  EXPECT_EQ(more.validation.size(), 50u);
  EXPECT_EQ(more.test, all.test);
  EXPECT_EQ(fewer.validation, all.validation);
  EXPECT_TRUE(std::includes(more.train.begin(), more.train.end(), fewer.train.begin(), fewer.train.end()));
  EXPECT_TRUE(std::includes(all.train.begin(), all.train.end(), more.train.begin(), more.train.end()));
  EXPECT_EQ(make_split({.max_train = 5000}, ids), all);
}

TEST(Split, IsReadBackFromItsFile) {
  TemporaryFolder folder;
  const auto ids = ids_of(40);
  const auto split = make_split({.seed = 3}, ids);
  write_split(folder / "splits.csv", split, ids);

  EXPECT_EQ(read_split(folder / "splits.csv", ids), split);
  EXPECT_TRUE(core::read_file(folder / "splits.csv").starts_with("id,split\nmp-0,"));
}

TEST(Split, FromAFileLeavesOutStrangersAndUnnamed) {
  TemporaryFolder folder;
  write_text(folder / "s.csv", "split,id\ntest,mp-3\ntrain,mp-1\ntrain,elsewhere\n");
  const auto split = make_split({.by = SplitRule::File, .file = folder / "s.csv"}, ids_of(5));
  EXPECT_THAT(split.train, ElementsAre(1));
  EXPECT_THAT(split.test, ElementsAre(3));
}

TEST(Split, SaysWhatIsWrong) {
  TemporaryFolder folder;
  const auto said = [&](const SplitOptions& options, int count = 10) {
    return message_of<core::InputError>([&] { make_split(options, ids_of(count)); });
  };
  EXPECT_THAT(said({.train = 1.2}), HasSubstr("split.train must be a share from 0 to 1, got 1.2"));
  EXPECT_THAT(said({.train = 0.9}), HasSubstr("at most 1, got 1.3"));
  EXPECT_THAT(said({.train = 0}), HasSubstr("nothing to train on"));
  EXPECT_THAT(said({}, 1), HasSubstr("the validation part of the split is empty"));
  EXPECT_THAT(said({.by = SplitRule::Group}), HasSubstr("needs a group for each record"));
  const auto from_file = [&](const std::string& text) {
    write_text(folder / "s.csv", text);
    return said({.by = SplitRule::File, .file = folder / "s.csv"});
  };
  EXPECT_THAT(from_file("id,split\nmp-1,train\nmp-2,dev\n"),
              HasSubstr("s.csv:3: split must be train, validation or test"));
  EXPECT_THAT(from_file("id,split\nmp-1,train\nmp-1,test\n"), HasSubstr("s.csv:3: id mp-1 is given twice"));
  EXPECT_THAT(from_file("id,split\nmp-1,test\n"), HasSubstr("names no record of the dataset for training"));
  EXPECT_THAT(from_file("a,b\n"), HasSubstr("columns id and split"));
  EXPECT_THAT(message_of<core::InputError>([] { split_rule_from_name("luck"); }), HasSubstr("got \"luck\""));
}

}  // namespace
}  // namespace tessera::data
