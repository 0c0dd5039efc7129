// SPDX-License-Identifier: Apache-2.0
#include "microstructure/synthetic_micrograph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <set>

#include "core/error.hpp"
#include "microstructure/boundary_raster.hpp"

namespace tessera::microstructure {
namespace {

constexpr std::uint8_t kDarkBoundary = 0, kBrightGrain = 255;
constexpr std::uint8_t kGrainClass = 0, kBoundaryClass = 128, kPrecipitateClass = 255;

void check_range(const char* option, double value, double low, double high) {
  if (!(value >= low && value <= high))
    throw core::InputError(fmt::format("{} must be {} to {}, got {}", option, low, high, value));
}

MicrographTruth measure(const Polycrystal& polycrystal, const Raster<int>& grains, const Mask& precipitates) {
  const double length = polycrystal.boundary_length();
  const auto area = static_cast<double>(grains.size());
  const auto covered = std::count(precipitates.values().begin(), precipitates.values().end(), 1);
  return {.boundary_length_px = length,
          .grains = static_cast<int>(std::set<int>(grains.values().begin(), grains.values().end()).size()),
          .triple_junctions = static_cast<int>(polycrystal.triple_junctions.size()),
          .carbide_fraction = static_cast<double>(covered) / area,
          .mean_intercept_px = length > 0 ? std::numbers::pi * area / (2 * length) : NAN};
}

Mask draw_mask(const NearestBoundary& near, const Mask& precipitates,
               const SyntheticMicrographOptions& options) {
  Mask mask(options.size_px, options.size_px, options.carbides ? kGrainClass : kBrightGrain);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    auto& pixel = mask.values()[i];
    if (near.distance.values()[i] <= options.boundary_width_px / 2)
      pixel = options.carbides ? kBoundaryClass : kDarkBoundary;
    if (options.carbides && precipitates.values()[i]) pixel = kPrecipitateClass;
  }
  return mask;
}

// The surface as it is: a tint for each grain, the precipitates brighter than any.
Raster<float> tint_grains(const Raster<int>& grains, int num_cells, double tint, core::RandomStream& random) {
  const double middle = random.uniform(0.35, 0.55);
  std::vector<float> levels;
  for (int i = 0; i < num_cells; ++i) levels.push_back(static_cast<float>(middle + tint * random.normal()));
  Raster<float> grey(grains.height(), grains.width());
  for (std::size_t i = 0; i < grey.size(); ++i)
    grey.values()[i] = levels[static_cast<std::size_t>(grains.values()[i])];
  return grey;
}

Raster<std::uint16_t> to_8_bits(const Raster<float>& grey) {
  Raster<std::uint16_t> levels(grey.height(), grey.width());
  for (std::size_t i = 0; i < grey.size(); ++i)
    levels.values()[i] =
        static_cast<std::uint16_t>(std::lround(255 * std::clamp(grey.values()[i], 0.0f, 1.0f)));
  return levels;
}

}  // namespace

void SyntheticMicrographOptions::check() const {
  check_range("--size", size_px, 16, 16384);
  check_range("--grain-size", grain_size_px, 4, 4096);
  check_range("--spread", spread, 0, 0.7);
  check_range("--roughness", roughness, 0, 1);
  check_range("--boundary-width", boundary_width_px, 1, 64);
  check_range("--um-per-px", um_per_px, 1e-6, 1e6);
  check_range("--tint", tint, 0, 0.5);
  check_range("--contrast", etching.contrast, 0, 1);
  check_range("--gaps", etching.gaps, 0, 1);
  check_range("--precipitates", precipitates, 0, 0.9);
  check_range("--pits", pits, 0, 1000);
  check_range("--scratches", scratches, 0, 1000);
  check_range("--uneven-light", uneven_light, 0, 1);
  check_range("--blotches", blotches, 0, 1);
  check_range("--texture", texture, 0, 1);
  check_range("--blur", blur_px, 0, 20);
  check_range("--noise", noise, 0, 1);
  if (grain_size_px > size_px)
    throw core::InputError(
        fmt::format("--grain-size must be at most --size ({}), got {}", size_px, grain_size_px));
  if (carbides && precipitates == 0)
    throw core::InputError(
        "--carbides tells precipitates apart in the masks: make some, as by --precipitates 0.2");
}

SyntheticMicrograph make_synthetic_micrograph(const SyntheticMicrographOptions& options, std::uint64_t seed,
                                              std::int64_t index) {
  const auto stream = [&](const char* purpose) {
    return core::RandomStream(seed, purpose, static_cast<std::uint64_t>(index));
  };
  auto shape = stream("micrograph shape"), carbide = stream("micrograph carbides"),
       paint = stream("micrograph paint"), etching = stream("micrograph etching"),
       flaws = stream("micrograph flaws"), noise = stream("micrograph noise");

  const auto side = static_cast<double>(options.size_px);
  const Polycrystal polycrystal =
      make_polycrystal({side, side, options.grain_size_px, options.spread, options.roughness}, shape);
  const auto grains = grain_at_pixels(polycrystal);
  const auto near = nearest_boundary(polycrystal, std::max(kGrooveReach, options.boundary_width_px / 2));
  const Mask precipitates = options.precipitates > 0 ? draw_precipitates(polycrystal, options.precipitates,
                                                                         options.grain_size_px / 8, carbide)
                                                     : Mask(options.size_px, options.size_px);

  Raster<float> grey = tint_grains(grains, polycrystal.num_cells, options.tint, paint);
  etch_boundaries(grey, polycrystal, near, options.etching, etching);
  const auto precipitate_level = static_cast<float>(paint.uniform(0.65, 0.85));
  for (std::size_t i = 0; i < grey.size(); ++i)
    if (precipitates.values()[i]) grey.values()[i] = precipitate_level;
  add_blotches(grey, options.blotches, paint);
  add_pits(grey, options.pits, flaws);
  add_scratches(grey, options.scratches, flaws);
  add_noise(grey, options.texture, paint);
  add_uneven_light(grey, options.uneven_light, flaws);
  blur(grey, options.blur_px);
  add_noise(grey, options.noise, noise);

  return {.id = fmt::format("synth-{:06}", index),
          .image = {to_8_bits(grey), 8, options.um_per_px},
          .mask = draw_mask(near, precipitates, options),
          .truth = measure(polycrystal, grains, precipitates)};
}

}  // namespace tessera::microstructure
