// SPDX-License-Identifier: Apache-2.0
#include "metrics/segmentation.hpp"

#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace tessera::metrics {
namespace {

constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double ratio(double part, double whole, double of_nothing) {
  return whole > 0 ? part / whole : of_nothing;
}

// Harmonic mean of two shares of `own` and `others` things; 0 where only one side has any.
double f1(double own_hits, double own, double other_hits, double others) {
  if (own + others == 0) return kNothing;
  const double precision = ratio(own_hits, own, 0), recall = ratio(other_hits, others, 0);
  return ratio(2 * precision * recall, precision + recall, 0);
}

}  // namespace

SegmentationMetrics segmentation_metrics(const core::MaskCounts& c) {
  const double predicted = c.true_positive + c.false_positive, truth = c.true_positive + c.false_negative;
  const double either = predicted + c.false_negative;
  const double of_nothing = either > 0 ? 0 : kNothing;
  return {
      .iou = ratio(c.true_positive, either, kNothing),
      .dice = ratio(2 * c.true_positive, predicted + truth, kNothing),
      .precision = ratio(c.true_positive, predicted, of_nothing),
      .recall = ratio(c.true_positive, truth, of_nothing),
      .boundary_f1_2px =
          f1(c.predicted_skeleton_near, c.predicted_skeleton, c.true_skeleton_near, c.true_skeleton),
      .cldice =
          f1(c.predicted_skeleton_in_mask, c.predicted_skeleton, c.true_skeleton_in_mask, c.true_skeleton),
      .betti0_error = ratio(c.betti0_error, c.images, kNothing),
      .betti1_error = ratio(c.betti1_error, c.images, kNothing),
      .length_error_percent = ratio(100 * c.length_error, c.true_length, kNothing),
  };
}

std::vector<double> class_ious(std::span<const double> confusion, int num_classes) {
  const auto n = static_cast<std::size_t>(num_classes);
  TESSERA_ASSERT(confusion.size() == n * n);
  std::vector<double> ious(n);
  for (std::size_t i = 0; i < n; ++i) {
    double truth = 0, predicted = 0;
    for (std::size_t j = 0; j < n; ++j) {
      truth += confusion[i * n + j];
      predicted += confusion[j * n + i];
    }
    const double both = confusion[i * n + i];
    ious[i] = ratio(both, truth + predicted - both, kNothing);
  }
  return ious;
}

double mean_iou(std::span<const double> confusion, int num_classes) {
  double sum = 0, seen = 0;
  for (const double iou : class_ious(confusion, num_classes)) {
    if (std::isnan(iou)) continue;
    sum += iou;
    ++seen;
  }
  return ratio(sum, seen, kNothing);
}

}  // namespace tessera::metrics
