// SPDX-License-Identifier: Apache-2.0
// What comparing predicted masks with true ones counts. It adds up over images and ranks; the scores are made
// of the sums. It stands here because the room that counts pixels and the room that scores see no other in
// common.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace tessera::core {

/// Sums over image pairs. "Skeleton" is the boundary's middle line, in pixels; lengths are in pixels too. All
/// but the lengths are whole numbers, exact in a double up to 2^53.
struct MaskCounts {
  double images = 0;
  // Pixels of the class of interest.
  double true_positive = 0, false_positive = 0, false_negative = 0, true_negative = 0;
  double predicted_skeleton = 0, true_skeleton = 0;
  double predicted_skeleton_in_mask = 0, true_skeleton_in_mask = 0;  // in the other's mask
  double predicted_skeleton_near = 0, true_skeleton_near = 0;        // at most 2 px from the other's skeleton
  double betti0_error = 0, betti1_error = 0;                         // absolute differences of each image
  double predicted_length = 0, true_length = 0;
  double length_error = 0;  // absolute differences of each image

  static constexpr std::size_t kSize = 16;
  /// All of them in the order above, as they travel between ranks.
  std::array<double, kSize> row() const;
  static MaskCounts from_row(std::span<const double, kSize> row);

  MaskCounts& operator+=(const MaskCounts& other);
  bool operator==(const MaskCounts&) const = default;
};

}  // namespace tessera::core
