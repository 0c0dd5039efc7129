// SPDX-License-Identifier: Apache-2.0
// What stands between a polycrystal and its picture: etching, precipitates, pits, scratches, light, lens and
// camera. Grey levels are shares of the full range, 0 black to 1 white.
#pragma once

#include "core/random.hpp"
#include "microstructure/boundary_raster.hpp"

namespace tessera::microstructure {

/// px; an etched groove is not seen farther than this from its boundary.
constexpr double kGrooveReach = 4;

struct Etching {
  double contrast = 0.03;  // how much darker the middle of a groove is, on average
  double gaps = 0.4;       // share of the boundary the etchant left out
};

/// Grooves along the boundaries, one in six bright; depth and width differ from boundary to boundary, the
/// depth also along each.
void etch_boundaries(Raster<float>& grey, const Polycrystal& polycrystal, const NearestBoundary& near,
                     const Etching& etching, core::RandomStream& random);

/// 1 where a pixel's centre lies in one of the ellipses strung along the boundaries, which line about `share`
/// of them; `mean_length` (px) is that of their long axes.
Mask draw_precipitates(const Polycrystal& polycrystal, double share, double mean_length,
                       core::RandomStream& random);

/// Dark spots of a pixel or two; `count` is the mean number on 256 × 256 px.
void add_pits(Raster<float>& grey, double count, core::RandomStream& random);

/// Smooth blotches some 8 px across, of standard deviation `strength` or so: what a grain's surface shows of
/// its own.
void add_blotches(Raster<float>& grey, double strength, core::RandomStream& random);

/// Straight, dark or bright; `count` is the mean number on 256 × 256 px.
void add_scratches(Raster<float>& grey, double count, core::RandomStream& random);

/// Brightness that differs over the picture by a polynomial of degree 2, by `strength` or so from middle to
/// corner.
void add_uneven_light(Raster<float>& grey, double strength, core::RandomStream& random);

/// A Gaussian of that standard deviation (px), the picture continued by its mirror image.
void blur(Raster<float>& grey, double sigma);

/// Independent of one another from pixel to pixel, of standard deviation `noise` at mid-grey: half of the
/// variance goes with the light (shot noise), half does not.
void add_noise(Raster<float>& grey, double noise, core::RandomStream& random);

}  // namespace tessera::microstructure
