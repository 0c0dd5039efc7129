// SPDX-License-Identifier: Apache-2.0
#include "metrics/classification.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

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

TEST(ClassificationCounts, Top5CountsTheTrueClassAmongTheFiveLikeliest) {
  ClassificationCounts counts(7);
  counts.add(5, 1, 4);  // fifth
  counts.add(6, 1, 5);  // sixth

  EXPECT_DOUBLE_EQ(counts.metrics().top5, 0.5);
  EXPECT_DOUBLE_EQ(counts.metrics().accuracy, 0.0);
  EXPECT_EQ(counts.confusion(5, 1), 1);
}

TEST(ClassificationCounts, NothingCountedIsNaN) {
  EXPECT_TRUE(std::isnan(ClassificationCounts(3).metrics().accuracy));
  EXPECT_TRUE(std::isnan(ClassificationCounts(3).metrics().macro_f1));
}

}  // namespace
}  // namespace tessera::metrics
