// SPDX-License-Identifier: Apache-2.0
#include "microstructure/overlay.hpp"

#include <algorithm>
#include <cmath>

namespace tessera::microstructure {
namespace {

// Told apart also by the colour-blind (Okabe and Ito 2008).
constexpr Rgb kOrange{230, 120, 0}, kBlue{0, 114, 178}, kGreen{0, 158, 115};
constexpr std::array<Rgb, 7> kClasses{kOrange,         {86, 180, 233}, kGreen,      {240, 228, 66},
                                      {204, 121, 167}, kBlue,          {213, 94, 0}};
constexpr int kGap = 4;  // white columns between pictures
// Of a colour at most, over grey of half the contrast: structures stay visible below, colours on black and
// on white.
constexpr float kStrongest = 0.85f;
constexpr int kDarkest = 96;

void tint(Rgb& pixel, const Rgb& colour) {
  for (std::size_t c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>((pixel[c] + 2 * colour[c]) / 3);
}

std::uint8_t mixed(float grey, std::uint8_t colour, float share) {
  return static_cast<std::uint8_t>(std::lround((1 - share) * grey + share * static_cast<float>(colour)));
}

}  // namespace

Raster<Rgb> in_grey(const Image& image) {
  const auto [low, high] = std::ranges::minmax(image.grey.values());
  const int range = std::max(1, high - low);
  Raster<Rgb> picture(image.grey.height(), image.grey.width());
  for (std::size_t i = 0; i < picture.size(); ++i) {
    const auto grey = static_cast<std::uint8_t>(255 * (image.grey.values()[i] - low) / range);
    picture.values()[i] = {grey, grey, grey};
  }
  return picture;
}

Raster<Rgb> in_grey(const Raster<float>& levels) {
  const auto [low, high] = std::ranges::minmax(levels.values());
  const float range = high > low ? high - low : 1;
  Raster<Rgb> picture(levels.height(), levels.width());
  std::ranges::transform(levels.values(), picture.values().begin(), [&, low = low](float level) -> Rgb {
    const auto grey = static_cast<std::uint8_t>(255 * (level - low) / range);
    return {grey, grey, grey};
  });
  return picture;
}

Raster<Rgb> overlay(const Image& image, const Mask& mask) {
  auto picture = in_grey(image);
  for (std::size_t i = 0; i < picture.size(); ++i)
    if (const std::size_t value = mask.values()[i]; value > 0)
      tint(picture.values()[i], kClasses[(value - 1) % kClasses.size()]);
  return picture;
}

Raster<Rgb> overlay(const Raster<Rgb>& grey, const Raster<float>& map) {
  float largest = 0;
  for (const float value : map.values())
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  auto picture = grey;
  for (std::size_t i = 0; i < picture.size(); ++i) {
    const float value = map.values()[i];
    const float share = largest > 0 && std::isfinite(value) ? kStrongest * std::abs(value) / largest : 0;
    for (std::size_t c = 0; c < 3; ++c) {
      auto& channel = picture.values()[i][c];
      channel = mixed(static_cast<float>(kDarkest + channel / 2), (value > 0 ? kOrange : kBlue)[c], share);
    }
  }
  return picture;
}

Raster<std::uint8_t> in_levels(const Mask& mask, std::int64_t classes) {
  Raster<std::uint8_t> grey(mask.height(), mask.width());
  std::ranges::transform(mask.values(), grey.values().begin(), [&](std::uint8_t pixel) {
    return static_cast<std::uint8_t>(classes == 2 ? (pixel ? 0 : 255) : 255 * pixel / (classes - 1));
  });
  return grey;
}

Raster<Rgb> agreement(const Image& image, const Mask& prediction, const Mask& truth) {
  auto picture = in_grey(image);
  for (std::size_t i = 0; i < picture.size(); ++i) {
    const auto predicted = prediction.values()[i], expected = truth.values()[i];
    if (predicted == 0 && expected == 0) continue;
    tint(picture.values()[i], predicted == expected ? kGreen : predicted > 0 ? kOrange : kBlue);
  }
  return picture;
}

Raster<Rgb> enlarged(const Raster<Rgb>& picture, int factor) {
  Raster<Rgb> large(factor * picture.height(), factor * picture.width());
  for (int y = 0; y < large.height(); ++y)
    for (int x = 0; x < large.width(); ++x) large(y, x) = picture(y / factor, x / factor);
  return large;
}

Raster<Rgb> side_by_side(const Raster<Rgb>& left, const Raster<Rgb>& right) {
  Raster<Rgb> both(std::max(left.height(), right.height()), left.width() + kGap + right.width(),
                   {255, 255, 255});
  for (int y = 0; y < left.height(); ++y) std::copy_n(left.row(y), left.width(), both.row(y));
  for (int y = 0; y < right.height(); ++y)
    std::copy_n(right.row(y), right.width(), both.row(y) + left.width() + kGap);
  return both;
}

}  // namespace tessera::microstructure
