// SPDX-License-Identifier: Apache-2.0
// What PNG and JPEG tell of themselves before they are decoded, read from their bytes alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "microstructure/files/image_file.hpp"

namespace tessera::microstructure {

struct PictureHeader {
  std::int64_t height = 0, width = 0;  // as claimed, not checked
  bool has_colour = false;
  int bits_per_pixel = 8;
};

/// Nothing where the bytes are no PNG's or end before its header does.
std::optional<PictureHeader> png_header(std::string_view bytes);

/// The markers of a JPEG, as far as the bytes go.
struct JpegOutline {
  std::optional<PictureHeader> header;  // nothing before the frame's
  bool is_whole = false;                // the end of the image was reached
};
JpegOutline jpeg_outline(std::string_view bytes);

}  // namespace tessera::microstructure
