// SPDX-License-Identifier: Apache-2.0
#include "data/folds.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "core/random.hpp"
#include "support/expect_error.hpp"

namespace tessera::data {
namespace {

using test::message_of;
using ::testing::AllOf;
using ::testing::HasSubstr;

// `count` records of micrographs that were cut into 1 to 9 pieces each.
std::vector<std::string> uneven_groups(int count) {
  core::RandomStream random(4, "pieces");
  std::vector<std::string> groups;
  for (int micrograph = 0; std::ssize(groups) < count; ++micrograph)
    for (auto pieces = 1 + random.below(9); pieces > 0 && std::ssize(groups) < count; --pieces)
      groups.push_back("micrograph" + std::to_string(micrograph));
  random.shuffle(std::span(groups));
  return groups;
}

std::set<std::string> groups_of(const std::vector<std::int64_t>& records,
                                const std::vector<std::string>& groups) {
  std::set<std::string> found;
  for (const auto record : records) found.insert(groups[static_cast<std::size_t>(record)]);
  return found;
}

bool share_one(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::ranges::any_of(a, [&](const auto& group) { return b.contains(group); });
}

TEST(Folds, HoldEveryRecordOutOnceAndNeverStraddleAGroup) {
  const auto groups = uneven_groups(300);
  for (const std::int64_t count : {0, 2, 3, 5, 11}) {
    const auto folds = make_folds({.folds = count}, groups);
    std::vector<std::int64_t> held_out;
    for (const auto& fold : folds) {
      held_out.insert(held_out.end(), fold.test.begin(), fold.test.end());
      EXPECT_EQ(fold.train.size() + fold.validation.size() + fold.test.size(), groups.size());
      EXPECT_FALSE(fold.train.empty() || fold.validation.empty() || fold.test.empty());
      const auto train = groups_of(fold.train, groups), validation = groups_of(fold.validation, groups),
                 test = groups_of(fold.test, groups);
      EXPECT_FALSE(share_one(train, validation) || share_one(train, test) || share_one(validation, test));
    }
    std::sort(held_out.begin(), held_out.end());
    ASSERT_EQ(held_out.size(), groups.size()) << count;
    for (std::int64_t record = 0; record < std::ssize(groups); ++record)
      EXPECT_EQ(held_out[static_cast<std::size_t>(record)], record);
  }
}

TEST(Folds, AreBalancedByRecordsToWithinTheirSmallestGroups) {
  const auto groups = uneven_groups(300);
  std::size_t fewest = groups.size(), most = 0;
  for (const auto& fold : make_folds({.folds = 5}, groups)) {
    fewest = std::min(fewest, fold.test.size());
    most = std::max(most, fold.test.size());
  }
  EXPECT_LE(most - fewest, 2u);  // there are groups of one and two pieces to fill up with
}

TEST(Folds, LeaveOneGroupOutHoldsOutEachGroupAlone) {
  const auto groups = uneven_groups(80);
  const std::set<std::string> all(groups.begin(), groups.end());
  std::set<std::string> seen;
  const auto folds = make_folds({.folds = 0}, groups);
  EXPECT_EQ(folds.size(), all.size());
  for (const auto& fold : folds) {
    const auto held_out = groups_of(fold.test, groups);
    ASSERT_EQ(held_out.size(), 1u);
    seen.insert(*held_out.begin());
  }
  EXPECT_EQ(seen, all);
}

TEST(Folds, FollowTheSeedAndNothingElse) {
  const auto groups = uneven_groups(100);
  const auto once = make_folds({.folds = 4, .seed = 2}, groups);
  EXPECT_EQ(make_folds({.folds = 4, .seed = 2}, groups), once);
  EXPECT_NE(make_folds({.folds = 4, .seed = 3}, groups), once);
}

TEST(Folds, ValidationHasItsShareOfTheRest) {
  const std::vector<std::string> groups = uneven_groups(400);
  for (const auto& fold : make_folds({.folds = 4, .validation = 0.25}, groups))
    EXPECT_NEAR(static_cast<double>(fold.validation.size()) / static_cast<double>(400 - fold.test.size()),
                0.25,
                9.0 / 300);  // the largest group is of nine
}

TEST(Folds, OfALearningCurveHaveTheFewerAmongTheMoreAndTheSameHeldOut) {
  const auto groups = uneven_groups(200);
  const auto all = make_folds({.folds = 4}, groups), more = make_folds({.folds = 4, .max_train = 60}, groups),
             fewer = make_folds({.folds = 4, .max_train = 20}, groups);
  for (std::size_t fold = 0; fold < all.size(); ++fold) {
    EXPECT_EQ(fewer[fold].train.size(), 20u);
    EXPECT_EQ(more[fold].train.size(), 60u);
    EXPECT_TRUE(std::ranges::includes(more[fold].train, fewer[fold].train));
    EXPECT_TRUE(std::ranges::includes(all[fold].train, more[fold].train));
    EXPECT_EQ(fewer[fold].test, all[fold].test);
    EXPECT_EQ(fewer[fold].validation, all[fold].validation);
  }
}

TEST(Folds, RefusalsSayWhatMustHoldAndWhatThereIs) {
  const std::vector<std::string> four{"a", "b", "c", "d", "a"}, three{"a", "b", "c"}, two{"a", "b", "a"};
  const auto refused = [](const FoldOptions& options, const std::vector<std::string>& groups) {
    return message_of<core::InputError>([&] { make_folds(options, groups); });
  };
  EXPECT_THAT(refused({.folds = 5}, four),
              AllOf(HasSubstr("each of 5 folds must hold out at least one group"),
                    HasSubstr("5 records have 4 groups"), HasSubstr("at most 4")));
  EXPECT_THAT(refused({.folds = 2}, two), AllOf(HasSubstr("at least 3 groups"), HasSubstr("got 2 of 3")));
  EXPECT_THAT(refused({.folds = 1}, four), HasSubstr("2 or more, or 0"));
  EXPECT_THAT(refused({.folds = -1}, four), HasSubstr("got -1"));
  EXPECT_THAT(refused({.folds = 2, .validation = 0}, four), HasSubstr("split.validation must be above 0"));
  EXPECT_THAT(refused({.folds = 2}, three), HasSubstr("fold 0 leaves one of 1 records"));
  EXPECT_NO_THROW(make_folds({.folds = 4}, four));
  EXPECT_NO_THROW(make_folds({.folds = 3}, three));
}

}  // namespace
}  // namespace tessera::data
