// SPDX-License-Identifier: Apache-2.0
// A rectangle of pixels, row by row from the top left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tessera::microstructure {

template <typename T>
class Raster {
 public:
  Raster() = default;
  Raster(int height, int width, T value = {})
      : height_(height), width_(width), values_(static_cast<std::size_t>(height) * width, value) {}

  int height() const { return height_; }
  int width() const { return width_; }
  bool empty() const { return values_.empty(); }
  std::size_t size() const { return values_.size(); }

  T& operator()(int y, int x) { return values_[static_cast<std::size_t>(y) * width_ + x]; }
  const T& operator()(int y, int x) const { return values_[static_cast<std::size_t>(y) * width_ + x]; }
  bool contains(int y, int x) const { return y >= 0 && y < height_ && x >= 0 && x < width_; }

  std::vector<T>& values() { return values_; }
  const std::vector<T>& values() const { return values_; }
  T* row(int y) { return values_.data() + static_cast<std::size_t>(y) * width_; }
  const T* row(int y) const { return values_.data() + static_cast<std::size_t>(y) * width_; }

  bool operator==(const Raster&) const = default;

 private:
  int height_ = 0;
  int width_ = 0;
  std::vector<T> values_;
};

/// 1 where the boundary (or any phase of interest) is, else 0; or the class of each pixel, 0 to 254.
using Mask = Raster<std::uint8_t>;

}  // namespace tessera::microstructure
