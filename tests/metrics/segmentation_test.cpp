// SPDX-License-Identifier: Apache-2.0
#include "metrics/segmentation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace tessera::metrics {
namespace {

core::MaskCounts two_images() {
  core::MaskCounts counts;
  counts.images = 2;
  counts.true_positive = 60, counts.false_positive = 20, counts.false_negative = 40,
  counts.true_negative = 880;
  counts.predicted_skeleton = 50, counts.true_skeleton = 80;
  counts.predicted_skeleton_in_mask = 40, counts.true_skeleton_in_mask = 48;
  counts.predicted_skeleton_near = 45, counts.true_skeleton_near = 60;
  counts.betti0_error = 3, counts.betti1_error = 5;
  counts.predicted_length = 210, counts.true_length = 200, counts.length_error = 30;
  return counts;
}

TEST(SegmentationMetrics, AreTheRatiosOfTheCounts) {
  const auto metrics = segmentation_metrics(two_images());

  EXPECT_DOUBLE_EQ(metrics.iou, 60.0 / 120);
  EXPECT_DOUBLE_EQ(metrics.dice, 120.0 / 180);
  EXPECT_DOUBLE_EQ(metrics.precision, 60.0 / 80);
  EXPECT_DOUBLE_EQ(metrics.recall, 60.0 / 100);
  EXPECT_DOUBLE_EQ(metrics.boundary_f1_2px, 2 * 0.9 * 0.75 / (0.9 + 0.75));
  EXPECT_DOUBLE_EQ(metrics.cldice, 2 * 0.8 * 0.6 / (0.8 + 0.6));
  EXPECT_DOUBLE_EQ(metrics.betti0_error, 1.5);
  EXPECT_DOUBLE_EQ(metrics.betti1_error, 2.5);
  EXPECT_DOUBLE_EQ(metrics.length_error_percent, 15);
}

TEST(SegmentationMetrics, OfNothingAreNotNumbers) {
  core::MaskCounts counts;
  counts.images = 1, counts.true_negative = 100;

  const auto metrics = segmentation_metrics(counts);

  for (const double metric : {metrics.iou, metrics.dice, metrics.precision, metrics.recall,
                              metrics.boundary_f1_2px, metrics.cldice, metrics.length_error_percent})
    EXPECT_TRUE(std::isnan(metric));
  EXPECT_EQ(metrics.betti0_error, 0);
}

TEST(SegmentationMetrics, OfAMissedBoundaryAreZero) {
  core::MaskCounts counts;
  counts.images = 1, counts.false_negative = 10, counts.true_skeleton = 10;
  counts.true_length = 10, counts.length_error = 10;

  const auto metrics = segmentation_metrics(counts);

  for (const double metric : {metrics.iou, metrics.dice, metrics.precision, metrics.recall,
                              metrics.boundary_f1_2px, metrics.cldice})
    EXPECT_EQ(metric, 0);
  EXPECT_EQ(metrics.length_error_percent, 100);
}

TEST(ClassIous, AreThoseOfEachClassAndTheirMeanOverThoseSeen) {
  // True class by row: 0 is found 8 of 10 times, 1 is 3 of 5, 2 never occurs.
  const std::vector<double> confusion{8, 2, 0,  //
                                      2, 3, 0,  //
                                      0, 0, 0};

  const auto ious = class_ious(confusion, 3);

  EXPECT_DOUBLE_EQ(ious[0], 8.0 / 12);
  EXPECT_DOUBLE_EQ(ious[1], 3.0 / 7);
  EXPECT_TRUE(std::isnan(ious[2]));
  EXPECT_DOUBLE_EQ(mean_iou(confusion, 3), (8.0 / 12 + 3.0 / 7) / 2);
  EXPECT_TRUE(std::isnan(mean_iou(std::vector<double>(9), 3)));
}

TEST(MaskCounts, TravelAsARowAndAddUp) {
  std::array<double, core::MaskCounts::kSize> row;
  std::iota(row.begin(), row.end(), 1);

  auto counts = core::MaskCounts::from_row(row);

  EXPECT_EQ(counts.images, 1);
  EXPECT_EQ(counts.true_positive, 2);
  EXPECT_EQ(counts.length_error, 16);
  EXPECT_EQ(counts.row(), row);
  EXPECT_EQ(core::MaskCounts::from_row(two_images().row()), two_images());
  counts += counts;
  EXPECT_EQ(counts.betti0_error, 24);
}

}  // namespace
}  // namespace tessera::metrics
