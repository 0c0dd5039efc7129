// SPDX-License-Identifier: Apache-2.0
// A micrograph: grey levels as they were stored, and how large a pixel is.
#pragma once

#include <limits>

#include "microstructure/raster.hpp"

namespace tessera::microstructure {

struct Image {
  Raster<std::uint16_t> grey;                                   // 0 to 2^bits − 1
  int bits = 8;                                                 // 8 or 16
  double um_per_px = std::numeric_limits<double>::quiet_NaN();  // NaN where unknown
};

}  // namespace tessera::microstructure
