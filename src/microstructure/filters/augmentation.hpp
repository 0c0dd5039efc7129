// SPDX-License-Identifier: Apache-2.0
// A random piece of a micrograph, turned, bent and lit as another micrograph of the same material might be.
#pragma once

#include "core/random.hpp"
#include "microstructure/image.hpp"

namespace tessera::microstructure {

struct AugmentationOptions {
  bool dihedral = true;   // one of the eight symmetries of the square
  bool rotate = false;    // by any angle; beyond the edge the image is mirrored
  double elastic = 0;     // standard deviation of the displacement, px; it varies over an eighth of the piece
  double brightness = 0;  // largest shift, in deviations of the image's grey levels
  double contrast = 0;    // largest |ln| of the factor
  double gamma = 0;       // largest |ln| of the exponent of the grey levels in [0, 1]
  double noise = 0;       // standard deviation, in deviations of the image's grey levels
  double blur = 0;        // largest standard deviation, px
};

/// Mean and deviation of grey levels; the deviation of an even image is 1.
struct GreyScale {
  float mean = 0;
  float deviation = 1;
};
GreyScale grey_scale(const Image& image);

struct Patch {
  Raster<float> grey;  // standardised: each image's mean 0 and deviation 1, before it was lit otherwise
  Mask mask;           // empty where there is none
};

/// (side, side) pixels out of the image, at random as `random` says; the mask goes along, by the nearest
/// pixel. Images smaller than that are mirrored at their edges. `mask` may be null.
Patch draw_patch(const Image& image, const Mask* mask, const GreyScale& scale, int side,
                 const AugmentationOptions& options, core::RandomStream& random);

/// The whole image, standardised and otherwise as it is.
Raster<float> standardised(const Image& image, const GreyScale& scale);

}  // namespace tessera::microstructure
