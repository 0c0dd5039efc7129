// SPDX-License-Identifier: Apache-2.0
#include "microstructure/filters/grey_scale.hpp"

#include <algorithm>
#include <cmath>

namespace tessera::microstructure {
namespace {

constexpr double kWhite = 65535;           // of 16 bits
constexpr std::uint64_t kFrom8Bits = 257;  // 65535 / 255

}  // namespace

GreyScale grey_scale(const Image& image) {
  double sum = 0, squares = 0;
  for (const double level : image.grey.values()) sum += level, squares += level * level;
  const double count = static_cast<double>(image.grey.size()), mean = sum / count;
  const double variance = squares / count - mean * mean;
  return {static_cast<float>(mean), variance > 1e-6 ? static_cast<float>(std::sqrt(variance)) : 1.0f};
}

GreyScale in_levels(const GreyScale& shares, int bits) {
  const float white = bits == 16 ? 65535.0f : 255.0f;
  return {white * shares.mean, white * shares.deviation};
}

void standardise(Raster<float>& levels, const GreyScale& scale) {
  const float factor = 1 / scale.deviation;
  for (float& level : levels.values()) level = (level - scale.mean) * factor;
}

Raster<float> standardised(const Image& image, const GreyScale& scale) {
  Raster<float> grey(image.grey.height(), image.grey.width());
  std::ranges::copy(image.grey.values(), grey.values().begin());
  standardise(grey, scale);
  return grey;
}

void GreySums::add(const Image& image) {
  const std::uint64_t unit = image.bits == 16 ? 1 : kFrom8Bits;
  sums[0] += static_cast<std::int64_t>(image.grey.size());
  for (int y = 0; y < image.grey.height(); ++y) {
    std::uint64_t levels = 0, squares = 0;  // a row's fit: below 2³¹ squares below 2³²
    for (int x = 0; x < image.grey.width(); ++x) {
      const std::uint64_t level = unit * image.grey(y, x);
      levels += level;
      squares += level * level;
    }
    sums[1] += static_cast<std::int64_t>(levels);
    sums[2] += static_cast<std::int64_t>(squares >> 32);
    sums[3] += static_cast<std::int64_t>(squares & 0xffff'ffff);
  }
}

GreyScale GreySums::scale() const {
  if (sums[0] == 0) return {};
  const auto count = static_cast<double>(sums[0]);
  const double mean = static_cast<double>(sums[1]) / count;
  const double squares = std::ldexp(static_cast<double>(sums[2]), 32) + static_cast<double>(sums[3]);
  const double variance = squares / count - mean * mean;  // of whole levels: rounding is a hundredth of 1e-4
  const double deviation = variance > 1e-4 ? std::sqrt(variance) / kWhite : 1;
  return {static_cast<float>(mean / kWhite), static_cast<float>(deviation)};
}

}  // namespace tessera::microstructure
