// SPDX-License-Identifier: Apache-2.0
// Where the grey levels of an image, or of a whole set of them, lie: what they are standardised by.
#pragma once

#include <array>
#include <cstdint>

#include "microstructure/image.hpp"

namespace tessera::microstructure {

/// Mean and deviation of grey levels; the deviation of an even image is 1.
struct GreyScale {
  float mean = 0;
  float deviation = 1;
};

/// In the image's own levels.
GreyScale grey_scale(const Image& image);

/// A scale in shares of white, as one of many images is, in the levels of an image of `bits`.
GreyScale in_levels(const GreyScale& shares, int bits);

/// Levels to deviations from the mean.
void standardise(Raster<float>& levels, const GreyScale& scale);

/// The whole image, standardised and otherwise as it is.
Raster<float> standardised(const Image& image, const GreyScale& scale);

/// Sums over the pixels of many images, in whole numbers on the scale of 16 bits (of which one of 8 is 257):
/// whoever adds which image in whatever order, they are the same to the last bit.
struct GreySums {
  /// Pixels, their levels, and the squares of these: how often 2³², and what is left. To be added up over
  /// ranks.
  std::array<std::int64_t, 4> sums{};

  void add(const Image& image);
  /// In shares of white; where no two pixels differ, or there is none, the deviation is 1.
  GreyScale scale() const;
};

}  // namespace tessera::microstructure
