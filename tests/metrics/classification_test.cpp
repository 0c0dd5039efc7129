// SPDX-License-Identifier: Apache-2.0
#include "metrics/classification.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "core/random.hpp"

namespace tessera::metrics {
namespace {

TEST(ClassificationCounts, AgreesWithScikitLearnOnASmallExample) {
  // f1_score([0,1,2,0,1,2], [0,2,1,0,0,1], average="macro") is 0.26666…
  const std::vector<int> target{0, 1, 2, 0, 1, 2};
  const std::vector<int> prediction{0, 2, 1, 0, 0, 1};
  ClassificationCounts counts(3);
  for (std::size_t i = 0; i < target.size(); ++i)
    counts.add(target[i], prediction[i], target[i] == prediction[i] ? 0 : 1);

  const auto metrics = counts.metrics();
  EXPECT_EQ(metrics.records, 6);
  EXPECT_NEAR(metrics.accuracy, 2.0 / 6, 1e-15);
  EXPECT_NEAR(metrics.macro_f1, 4.0 / 15, 1e-15);
  EXPECT_EQ(counts.confusion(2, 1), 2);
  EXPECT_EQ(counts.confusion(1, 2), 1);
}

TEST(ClassificationCounts, ClassesThatNeverOccurAreLeftOutOfMacroF1) {
  ClassificationCounts counts(230);
  counts.add(224, 224, 0);
  counts.add(193, 224, 1);

  // F1 of 224 is 2/3; 193 occurs and is never found, so it counts with 0; the other 228 do not count.
  EXPECT_NEAR(counts.metrics().macro_f1, (2.0 / 3 + 0.0) / 2, 1e-15);
}

TEST(ClassificationCounts, Top5CountsTheTrueClassAmongTheFiveBestScores) {
  const std::vector<float> scores{0.1F, 0.9F, 0.8F, 0.7F, 0.6F, 0.5F, 0.2F};
  ClassificationCounts counts(7);
  counts.add(scores, 5);  // fifth
  counts.add(scores, 6);  // sixth

  EXPECT_DOUBLE_EQ(counts.metrics().top5, 0.5);
  EXPECT_DOUBLE_EQ(counts.metrics().accuracy, 0.0);
  EXPECT_EQ(counts.confusion(5, 1), 1);
}

TEST(ClassificationCounts, RanksAgreeWithASort) {
  core::RandomStream random(1, "scores");
  for (int round = 0; round < 200; ++round) {
    std::vector<float> scores(9);
    for (float& score : scores) score = static_cast<float>(random.below(6));  // many ties
    std::vector<int> order(9);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return scores[a] > scores[b]; });

    EXPECT_EQ(predicted_class(scores), order[0]);
    for (int place = 0; place < 9; ++place) EXPECT_EQ(rank_of_class(scores, order[place]), place);
  }
}

TEST(ClassificationCounts, ScoresThatAreNotNumbersGainNothing) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  ClassificationCounts counts(7);
  for (int target = 0; target < 7; ++target) counts.add(std::vector<float>(7, nan), target);

  EXPECT_DOUBLE_EQ(counts.metrics().accuracy, 1.0 / 7);  // as always answering class 0
  EXPECT_DOUBLE_EQ(counts.metrics().top5, 0.0);
  EXPECT_EQ(predicted_class(std::vector<float>{nan, 0.1F, nan, 0.3F}), 3);
}

TEST(ClassificationCounts, PartsAddUpToTheWhole) {
  core::RandomStream random(2, "records");
  ClassificationCounts whole(4), first(4), second(4);
  for (int record = 0; record < 300; ++record) {
    std::vector<float> scores(4);
    for (float& score : scores) score = static_cast<float>(random.normal());
    const int target = static_cast<int>(random.below(4));
    whole.add(scores, target);
    (record % 3 ? first : second).add(scores, target);
  }

  first.merge(second);

  EXPECT_TRUE(std::ranges::equal(whole.counts(), first.counts()));
  EXPECT_EQ(whole.metrics().macro_f1, first.metrics().macro_f1);
}

TEST(ClassificationCounts, NothingCountedIsNaN) {
  EXPECT_TRUE(std::isnan(ClassificationCounts(3).metrics().accuracy));
  EXPECT_TRUE(std::isnan(ClassificationCounts(3).metrics().macro_f1));
}

}  // namespace
}  // namespace tessera::metrics
