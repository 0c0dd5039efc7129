// SPDX-License-Identifier: Apache-2.0
// Masks and maps drawn over their micrographs, for people, and in grey levels, for programs.
#pragma once

#include <array>
#include <cstdint>

#include "microstructure/image.hpp"

namespace tessera::microstructure {

/// Red, green, blue.
using Rgb = std::array<std::uint8_t, 3>;

/// The micrograph in 8 bits, stretched from its darkest to its brightest pixel.
Raster<Rgb> in_grey(const Image& image);
/// The same of levels on any scale.
Raster<Rgb> in_grey(const Raster<float>& levels);

/// The same with classes 1, 2, … in colour over it; the mask is of the image's size.
Raster<Rgb> overlay(const Image& image, const Mask& mask);

/// The picture, paler, under a map of its size: orange where that is above 0, blue where below, the stronger
/// the nearer to the map's largest magnitude.
Raster<Rgb> overlay(const Raster<Rgb>& grey, const Raster<float>& map);

/// As masks are prepared by default, the boundary dark on white; three classes and more are spread evenly
/// over the grey levels, the first black.
Raster<std::uint8_t> in_levels(const Mask& mask, std::int64_t classes);

/// Classes above 0 beside the true ones: right in green, what should not be there in orange, what is missing
/// in blue.
Raster<Rgb> agreement(const Image& image, const Mask& prediction, const Mask& truth);

/// Every pixel as a square of `factor` by `factor`.
Raster<Rgb> enlarged(const Raster<Rgb>& picture, int factor);

/// Pictures of one height beside each other.
Raster<Rgb> side_by_side(const Raster<Rgb>& left, const Raster<Rgb>& right);

}  // namespace tessera::microstructure
