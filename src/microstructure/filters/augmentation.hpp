// SPDX-License-Identifier: Apache-2.0
// A random piece of a micrograph, turned, bent and lit as another micrograph of the same material might be.
#pragma once

#include "core/random.hpp"
#include "microstructure/filters/grey_scale.hpp"
#include "microstructure/image.hpp"

namespace tessera::microstructure {

struct AugmentationOptions {
  bool dihedral = true;   // one of the eight symmetries of the square
  bool rotate = false;    // by any angle; beyond the edge the image is mirrored
  double elastic = 0;     // standard deviation of the displacement, px; it varies over an eighth of the piece
  double brightness = 0;  // largest shift, in deviations of the grey scale
  double contrast = 0;    // largest |ln| of the factor
  double gamma = 0;       // largest |ln| of the exponent of the grey levels in [0, 1]
  double noise = 0;       // standard deviation, in deviations of the grey scale
  double blur = 0;        // largest standard deviation, px
};

struct Patch {
  Raster<float> grey;  // standardised: of the scale's mean 0, its deviation 1, before it was lit otherwise
  Mask mask;           // empty where there is none
};

/// (side, side) pixels out of the image, at random as `random` says; the mask goes along, by the nearest
/// pixel. Images smaller than that are mirrored at their edges. `mask` may be null.
Patch draw_patch(const Image& image, const Mask* mask, const GreyScale& scale, int side,
                 const AugmentationOptions& options, core::RandomStream& random);

/// The whole image in its own size, turned, bent and lit likewise; one that is not square by the four
/// symmetries of a rectangle.
Raster<float> augmented(const Image& image, const GreyScale& scale, const AugmentationOptions& options,
                        core::RandomStream& random);

}  // namespace tessera::microstructure
