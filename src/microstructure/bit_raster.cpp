// SPDX-License-Identifier: Apache-2.0
#include "microstructure/bit_raster.hpp"

#include <bit>
#include <cmath>

namespace tessera::microstructure {
namespace {

// ORs `from`, moved right by `shift` pixels (left where negative), into `to`; rows of `words` words.
void or_shifted(const std::uint64_t* from, int shift, std::uint64_t* to, int words) {
  const int whole = std::abs(shift) / 64, part = std::abs(shift) % 64;
  for (int i = 0; i < words; ++i) {
    const int near = shift >= 0 ? i - whole : i + whole;
    const int far = shift >= 0 ? near - 1 : near + 1;
    const auto word = [&](int at) { return at >= 0 && at < words ? from[at] : 0; };
    if (part == 0)
      to[i] |= word(near);
    else if (shift > 0)
      to[i] |= word(near) << part | word(far) >> (64 - part);
    else
      to[i] |= word(near) >> part | word(far) << (64 - part);
  }
}

}  // namespace

BitRaster::BitRaster(int height, int width)
    : height_(height),
      width_(width),
      words_((width + 63) / 64),
      values_(static_cast<std::size_t>(height + 2) * (words_ + 2)) {}

BitRaster::BitRaster(const Mask& mask) : BitRaster(mask.height(), mask.width()) {
  for (int y = 0; y < height_; ++y) {
    const std::uint8_t* pixels = mask.row(y);
    std::uint64_t* bits = row(y);
    for (int x = 0; x < width_; ++x) bits[x / 64] |= std::uint64_t{pixels[x] != 0} << (x % 64);
  }
}

Mask BitRaster::mask() const {
  Mask mask(height_, width_);
  for (int y = 0; y < height_; ++y)
    for (int i = 0; i < words_; ++i)
      for (std::uint64_t rest = row(y)[i]; rest; rest &= rest - 1)
        mask(y, 64 * i + std::countr_zero(rest)) = 1;
  return mask;
}

std::int64_t BitRaster::count() const {
  std::int64_t count = 0;
  for (const std::uint64_t word : values_) count += std::popcount(word);
  return count;
}

std::int64_t count_common(const BitRaster& one, const BitRaster& other) {
  std::int64_t count = 0;
  for (int y = 0; y < one.height(); ++y)
    for (int i = 0; i < one.words(); ++i) count += std::popcount(one.row(y)[i] & other.row(y)[i]);
  return count;
}

BitRaster dilate(const BitRaster& picture, double radius) {
  BitRaster result(picture.height(), picture.width());
  const int reach = static_cast<int>(radius);
  const int tail = picture.width() % 64;
  for (int y = 0; y < picture.height(); ++y) {
    for (int dy = -reach; dy <= reach; ++dy) {
      if (y + dy < 0 || y + dy >= picture.height()) continue;
      const int half = static_cast<int>(std::sqrt(radius * radius - dy * dy));
      for (int dx = -half; dx <= half; ++dx)
        or_shifted(picture.row(y + dy), dx, result.row(y), picture.words());
    }
    if (tail) result.row(y)[picture.words() - 1] &= (std::uint64_t{1} << tail) - 1;
  }
  return result;
}

}  // namespace tessera::microstructure
