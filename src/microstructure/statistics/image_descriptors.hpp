// SPDX-License-Identifier: Apache-2.0
// An image as a vector of numbers with names: what a property is regressed on where no network is asked.
// Images of few grey levels are told by the statistics of their phases, others by those of their grey levels.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "microstructure/image.hpp"

namespace tessera::microstructure {

/// What the descriptors of a set of images depend on, so that all its vectors are alike.
struct ImageSurvey {
  std::vector<std::uint16_t>
      levels;  // grey levels met, rising; one more than kMostPhases where there are many
  std::int64_t shortest_edge = std::numeric_limits<std::int64_t>::max();  // px

  void add(const Image& image);
  /// Another part of the set.
  void add(const ImageSurvey& other);
};

/// Images with more grey levels show no phases.
inline constexpr std::size_t kMostPhases = 8;

class ImageDescriptors {
 public:
  /// Raises InputError for a survey of no image.
  explicit ImageDescriptors(const ImageSurvey& survey);

  /// Of each phase "level255_…": fraction; interface (1/px); chord_x, chord_y (px: its cells over its runs
  /// along the axis, those cut by the border too); two_point_4, lineal_path_4 (distances of 1, 2, 4, 8 and
  /// 16 px, up to half the shortest edge of all images); largest_cluster (share of its cells); euler (1/px²).
  /// Without phases, of the grey levels in 0 … 1: mean, deviation, skewness, quantile_5 … quantile_95,
  /// autocovariance_x_4, autocovariance_y_4.
  const std::vector<std::string>& names() const { return names_; }

  /// Open borders: nothing is known beyond the image. What a phase that is not there would have is 0.
  std::vector<double> describe(const Image& image) const;

 private:
  std::vector<std::uint16_t> levels_;  // of the phases; none: grey levels are described
  std::vector<std::int64_t> distances_;
  std::vector<std::string> names_;
};

}  // namespace tessera::microstructure
