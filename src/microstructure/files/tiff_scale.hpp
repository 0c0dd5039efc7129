// SPDX-License-Identifier: Apache-2.0
// The size of a pixel, out of what a TIFF's tags say.
#pragma once

#include <string_view>

namespace tessera::microstructure {

struct TiffResolution {
  float x = 0, y = 0;  // pixels a unit; 0 where the tag is missing
  int unit = 2;        // ResolutionUnit: 1 none, 2 inch (the default), 3 centimetre
  std::string_view description = {};
};

/// NaN where nothing tells: no resolution, pixels that are not square (by more than 1 %), whole dots an inch
/// of a screen or printer, which programs write that know no scale. ImageJ writes its own unit as a line
/// "unit=micron" of the description, and pixels a unit as resolution.
double um_per_px(const TiffResolution& resolution);

}  // namespace tessera::microstructure
