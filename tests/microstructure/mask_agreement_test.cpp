// SPDX-License-Identifier: Apache-2.0
#include "microstructure/mask_agreement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "microstructure/boundary_measurement.hpp"
#include "microstructure/shapes.hpp"

namespace tessera::microstructure {
namespace {

using test::draw_line;
using test::draw_mosaic;
using test::draw_where;
using ::testing::HasSubstr;

Mask row_mask(int row) {
  return draw_where(40, 100, [row](int y, int) { return y == row; });
}

TEST(CompareMasks, OfAMaskWithItselfIsPerfect) {
  const Mask mask = draw_mosaic(150, 20, 3, 1).mask;

  const auto counts = compare_masks(mask, mask);

  EXPECT_EQ(counts.images, 1);
  EXPECT_EQ(counts.false_positive + counts.false_negative, 0);
  EXPECT_EQ(counts.true_positive + counts.true_negative, 150 * 150);
  EXPECT_EQ(counts.true_positive, std::ranges::count(mask.values(), 1));
  EXPECT_EQ(counts.predicted_skeleton_in_mask, counts.predicted_skeleton);
  EXPECT_EQ(counts.true_skeleton_near, counts.true_skeleton);
  EXPECT_EQ(counts.betti0_error + counts.betti1_error + counts.length_error, 0);
}

TEST(CompareMasks, CountsLinesWithinTwoPixels) {
  for (int shift = 0; shift <= 3; ++shift) {
    const auto counts = compare_masks(row_mask(20 + shift), row_mask(20));
    EXPECT_EQ(counts.predicted_skeleton, 100) << shift;
    EXPECT_EQ(counts.predicted_skeleton_near, shift <= 2 ? 100 : 0) << shift;
    EXPECT_EQ(counts.true_skeleton_near, shift <= 2 ? 100 : 0) << shift;
    EXPECT_EQ(counts.predicted_skeleton_in_mask, shift == 0 ? 100 : 0) << shift;
    EXPECT_EQ(counts.true_positive, shift == 0 ? 100 : 0) << shift;
  }
}

TEST(CompareMasks, TellsPredictionFromTruth) {
  const Mask truth = row_mask(20);
  const Mask half = draw_where(40, 100, [](int y, int x) { return y == 20 && x < 50; });

  const auto counts = compare_masks(half, truth);

  EXPECT_EQ(counts.true_positive, 50);
  EXPECT_EQ(counts.false_positive, 0);
  EXPECT_EQ(counts.false_negative, 50);
  EXPECT_EQ(counts.true_skeleton_in_mask, 50);
  EXPECT_EQ(counts.true_skeleton_near, 52);
  EXPECT_EQ(counts.predicted_skeleton_near, 50);
  EXPECT_NEAR(counts.predicted_length, 50, 0.6);
  EXPECT_NEAR(counts.true_length, 100, 1e-9);
  EXPECT_NEAR(counts.length_error, counts.true_length - counts.predicted_length, 1e-12);
}

TEST(CompareMasks, CountsPartsAndHolesTooManyAndTooFew) {
  const Mask truth = test::draw_ring(60, 30, 30, 20, 3);
  Mask prediction = truth;
  prediction(30, 30) = 1;                                                           // one part more
  for (int x = 0; x < 60; ++x) prediction(30, x) = x < 30 ? 0 : prediction(30, x);  // and the ring is open

  const auto counts = compare_masks(prediction, truth);

  EXPECT_EQ(counts.betti0_error, 1);
  EXPECT_EQ(counts.betti1_error, 1);
  EXPECT_EQ(compare_masks(truth, prediction).betti1_error, 1);
}

TEST(ConfusionCounts, StandByTruthAndPrediction) {
  const Mask truth = draw_where(2, 10, [](int y, int) { return y; });
  const Mask prediction = draw_where(2, 10, [](int, int x) { return x < 3; });

  EXPECT_EQ(confusion_counts(prediction, truth, 2), (std::vector<double>{7, 3, 7, 3}));
  try {
    confusion_counts(prediction, Mask(2, 10, 4), 3);
    FAIL() << "class 4 of 3 was counted";
  } catch (const core::DataError& error) {
    EXPECT_THAT(error.what(), HasSubstr("0 to 2, got 4"));
  }
}

// A boundary along a row, a precipitate on it and one inside a grain.
Mask carbides() {
  Mask mask(60, 100);
  for (int y = 29; y <= 31; ++y)
    for (int x = 0; x < 100; ++x) mask(y, x) = kBoundaryClass;
  for (int y = 26; y <= 34; ++y)
    for (int x = 40; x < 60; ++x) mask(y, x) = kPrecipitateClass;
  for (int y = 5; y < 10; ++y)
    for (int x = 5; x < 15; ++x) mask(y, x) = kPrecipitateClass;
  return mask;
}

TEST(MeasureBoundaries, GoThroughPrecipitatesOnThemAndNotInGrains) {
  const Mask mask = carbides();
  const auto network = trace_boundaries(mask);

  const auto measured = measure_boundaries(mask, network);

  EXPECT_NEAR(measured.length_px, 100, 0.5);
  EXPECT_EQ(measured.grains.grains, 2);
  EXPECT_EQ(measured.triple_junctions, 0);
  EXPECT_NEAR(measured.carbide_fraction, (9 * 20 + 5 * 10) / 6000.0, 1e-12);
  EXPECT_NEAR(measured.carbide_boundary_ratio, 0.22, 0.005);  // 20 px and one beyond on either side
}

TEST(MeasureBoundaries, OfAnEmptyMaskIsNothing) {
  const Mask mask(30, 40);

  const auto measured = measure_boundaries(mask, trace_boundaries(mask));

  EXPECT_EQ(measured.length_px, 0);
  EXPECT_EQ(measured.grains.grains, 1);
  EXPECT_TRUE(std::isnan(measured.carbide_boundary_ratio));
}

}  // namespace
}  // namespace tessera::microstructure
