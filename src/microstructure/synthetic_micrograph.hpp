// SPDX-License-Identifier: Apache-2.0
// Made micrographs of polycrystals: a picture such as an optical microscope gives, the mask an expert would
// draw who missed nothing, and the exact figures of both. Every flaw is in the picture only.
#pragma once

#include <cstdint>
#include <string>

#include "microstructure/image.hpp"
#include "microstructure/micrograph_painting.hpp"
#include "microstructure/polycrystal.hpp"

namespace tessera::microstructure {

/// Grey levels are shares of the full range. The defaults resemble low-contrast optical micrographs, in which
/// grains are told apart by their tint rather than by a line between them.
struct SyntheticMicrographOptions {
  int size_px = 256;          // of either side
  double grain_size_px = 34;  // as PolycrystalOptions have it, as are the next two
  double spread = 0.45;
  double roughness = 0.8;
  double boundary_width_px = 3;  // in the mask
  double um_per_px = 1;
  double tint = 0.08;  // standard deviation of the grains' grey
  Etching etching = {};
  double precipitates = 0;  // share of the boundary they line
  bool carbides = false;    // whether the mask tells precipitates from boundary
  double pits = 40;         // mean number on 256 × 256 px, as of scratches
  double scratches = 1;
  double uneven_light = 0.1;  // from the middle to a corner
  double blotches = 0.025;
  double texture = 0.06;  // of the surface, before the lens
  double blur_px = 1;     // standard deviation
  double noise = 0.012;   // of the camera, at mid-grey

  /// Raises InputError naming the option of `tessera synth micrographs`, its range and its value.
  void check() const;
};

struct MicrographTruth {
  double boundary_length_px;  // of the boundaries in the window, each a polyline
  int grains;                 // those that hold a pixel's centre
  int triple_junctions;       // in the window
  double carbide_fraction;    // share of the pixels whose centre lies in a precipitate
  double mean_intercept_px;   // of random lines: π area / 2 boundary length (Underwood 1970); NaN without a
                              // boundary
};

struct SyntheticMicrograph {
  std::string id;  // "synth-000017"
  Image image;
  /// As drawn in files. Boundary: the pixels whose centre lies within half the boundary's width of it.
  /// Without `carbides`: 0 boundary, 255 grain; with: 0 grain, 128 boundary, 255 precipitate.
  Mask mask;
  MicrographTruth truth;
};

/// All is drawn from streams (seed, purpose, index): the polycrystal does not depend on the options of its
/// picture.
SyntheticMicrograph make_synthetic_micrograph(const SyntheticMicrographOptions& options, std::uint64_t seed,
                                              std::int64_t index);

}  // namespace tessera::microstructure
