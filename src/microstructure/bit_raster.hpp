// SPDX-License-Identifier: Apache-2.0
// A two-valued picture with 64 pixels in a word, so that a rule about a pixel and its eight neighbours is
// asked of 64 pixels at once. Bit x % 64 of word x / 64 is pixel x. Around the picture lies a frame of words
// that stay 0.
#pragma once

#include "microstructure/raster.hpp"

namespace tessera::microstructure {

class BitRaster {
 public:
  BitRaster(int height, int width);
  /// Set where the mask is not 0.
  explicit BitRaster(const Mask& mask);

  int height() const { return height_; }
  int width() const { return width_; }
  int words() const { return words_; }  // of a row, without the frame

  /// Rows −1 to height, words −1 to words(). Bits from `width` on must stay 0.
  std::uint64_t* row(int y) { return values_.data() + first_of(y); }
  const std::uint64_t* row(int y) const { return values_.data() + first_of(y); }
  bool operator()(int y, int x) const { return row(y)[x / 64] >> (x % 64) & 1; }

  /// 1 where set.
  Mask mask() const;
  std::int64_t count() const;

 private:
  std::size_t first_of(int y) const { return static_cast<std::size_t>(y + 1) * (words_ + 2) + 1; }

  int height_, width_, words_;
  std::vector<std::uint64_t> values_;
};

/// Pixels set in both. Pictures of one size.
std::int64_t count_common(const BitRaster& one, const BitRaster& other);

/// Set where a set pixel lies at most `radius` away, in pixels between centres (Euclidean).
BitRaster dilate(const BitRaster& picture, double radius);

}  // namespace tessera::microstructure
