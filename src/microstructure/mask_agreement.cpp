// SPDX-License-Identifier: Apache-2.0
#include "microstructure/mask_agreement.hpp"

#include <fmt/core.h>

#include <cmath>

#include "core/error.hpp"
#include "microstructure/bit_raster.hpp"
#include "microstructure/boundary_length.hpp"
#include "microstructure/connected_regions.hpp"

namespace tessera::microstructure {
namespace {

constexpr double kTolerancePx = 2;

double as_double(std::int64_t count) {
  return static_cast<double>(count);
}

void count_pixels(const Mask& prediction, const Mask& truth, core::MaskCounts& counts) {
  std::int64_t found = 0, predicted = 0, real = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const bool p = prediction.values()[i] == kBoundaryClass, t = truth.values()[i] == kBoundaryClass;
    found += p && t;
    predicted += p;
    real += t;
  }
  counts.true_positive = as_double(found);
  counts.false_positive = as_double(predicted - found);
  counts.false_negative = as_double(real - found);
  counts.true_negative = as_double(std::ssize(truth.values()) - predicted - real + found);
}

void count_lines(const BoundaryNetwork& predicted, const BoundaryNetwork& real, core::MaskCounts& counts) {
  const BitRaster predicted_line(predicted.skeleton), true_line(real.skeleton);
  counts.predicted_skeleton = as_double(predicted_line.count());
  counts.true_skeleton = as_double(true_line.count());
  counts.predicted_skeleton_in_mask = as_double(count_common(predicted_line, BitRaster(real.mask)));
  counts.true_skeleton_in_mask = as_double(count_common(true_line, BitRaster(predicted.mask)));
  counts.predicted_skeleton_near = as_double(count_common(predicted_line, dilate(true_line, kTolerancePx)));
  counts.true_skeleton_near = as_double(count_common(true_line, dilate(predicted_line, kTolerancePx)));
}

}  // namespace

core::MaskCounts compare_masks(const Mask& prediction, const BoundaryNetwork& predicted, const Mask& truth,
                               const BoundaryNetwork& true_network) {
  TESSERA_ASSERT(prediction.height() == truth.height() && prediction.width() == truth.width());
  core::MaskCounts counts;
  counts.images = 1;
  count_pixels(prediction, truth, counts);
  count_lines(predicted, true_network, counts);
  const auto betti = betti_numbers(predicted.mask), true_betti = betti_numbers(true_network.mask);
  counts.betti0_error = as_double(std::abs(betti.parts - true_betti.parts));
  counts.betti1_error = as_double(std::abs(betti.holes - true_betti.holes));
  counts.predicted_length = boundary_length(predicted.graph);
  counts.true_length = boundary_length(true_network.graph);
  counts.length_error = std::abs(counts.predicted_length - counts.true_length);
  return counts;
}

core::MaskCounts compare_masks(const Mask& prediction, const Mask& truth) {
  return compare_masks(prediction, trace_boundaries(prediction), truth, trace_boundaries(truth));
}

std::vector<double> confusion_counts(const Mask& prediction, const Mask& truth, int num_classes) {
  TESSERA_ASSERT(prediction.height() == truth.height() && prediction.width() == truth.width());
  const auto n = static_cast<std::size_t>(num_classes);
  std::vector<double> counts(n * n);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const std::size_t t = truth.values()[i], p = prediction.values()[i];
    if (std::max(t, p) >= n)
      throw core::DataError(
          fmt::format("a mask's classes must be 0 to {}, got {}. Was it made by another rule?",
                      num_classes - 1, std::max(t, p)));
    ++counts[t * n + p];
  }
  return counts;
}

}  // namespace tessera::microstructure
