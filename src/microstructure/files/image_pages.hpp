// SPDX-License-Identifier: Apache-2.0
// One open image file of any format, page by page. What image_file.cpp chooses among.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "microstructure/files/image_file.hpp"
#include "microstructure/image.hpp"

namespace tessera::microstructure {

class ImagePages {
 public:
  virtual ~ImagePages() = default;
  const std::vector<PageHeader>& headers() const { return headers_; }
  /// `page` is in headers(). Raises ImageFileError.
  virtual Image read(std::size_t page) = 0;
  bool is_coloured() const { return is_coloured_; }

 protected:
  std::vector<PageHeader> headers_;
  bool is_coloured_ = false;  // the page read last had a pixel of unequal channels
};

// Each raises ImageFileError where the file is not of its format, is cut, or is of a kind that is not read.
std::unique_ptr<ImagePages> open_picture(const std::filesystem::path& path);  // PNG, JPEG
std::unique_ptr<ImagePages> open_tiff(const std::filesystem::path& path);
std::unique_ptr<ImagePages> open_npy(const std::filesystem::path& path);

/// Rec. 601's weights, rounded; a pixel of equal channels keeps its level exactly.
inline std::uint16_t luma(std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
  return static_cast<std::uint16_t>((299 * red + 587 * green + 114 * blue + 500) / 1000);
}

}  // namespace tessera::microstructure
