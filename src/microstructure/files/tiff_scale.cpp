// SPDX-License-Identifier: Apache-2.0
#include "microstructure/files/tiff_scale.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/text.hpp"

namespace tessera::microstructure {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kUmPerInch = 25'400, kUmPerCentimetre = 10'000;
constexpr std::array kDotsOfDevices = {72.0,  75.0,  96.0,  100.0, 150.0, 180.0,
                                       200.0, 240.0, 300.0, 400.0, 600.0, 1200.0};

struct Unit {
  std::string_view name;
  double um;
};
// ImageJ writes µ as it is typed, as \u00B5 or, in Latin-1, as one byte.
constexpr std::array kImagejUnits = {
    Unit{"nm", 1e-3},    Unit{"nanometer", 1e-3},      Unit{"micron", 1},
    Unit{"microns", 1},  Unit{"micrometer", 1},        Unit{"um", 1},
    Unit{"\\u00B5m", 1}, Unit{"\xc2\xb5m", 1},         Unit{"\xb5m", 1},
    Unit{"mm", 1e3},     Unit{"cm", kUmPerCentimetre}, Unit{"inch", kUmPerInch}};

double um_of_imagej_unit(std::string_view description) {
  for (const auto line : core::split(description, '\n')) {
    if (!line.starts_with("unit=")) continue;
    const auto name = core::trim(line.substr(5));
    for (const auto& unit : kImagejUnits)
      if (unit.name == name) return unit.um;
  }
  return kUnknown;
}

}  // namespace

double um_per_px(const TiffResolution& resolution) {
  const double x = resolution.x, y = resolution.y;
  if (!std::isfinite(x) || !std::isfinite(y) || x <= 0 || y <= 0 || std::abs(x - y) > 0.01 * x)
    return kUnknown;
  if (resolution.description.starts_with("ImageJ=")) return um_of_imagej_unit(resolution.description) / x;
  if (resolution.unit != 2 && resolution.unit != 3) return kUnknown;
  const double um = (resolution.unit == 2 ? kUmPerInch : kUmPerCentimetre) / x;
  const double dots_per_inch = kUmPerInch / um;
  // 300 dots an inch come as 118.11 a centimetre too.
  const auto is_near = [&](double dots) { return std::abs(dots_per_inch - dots) < 1e-3 * dots; };
  return std::any_of(kDotsOfDevices.begin(), kDotsOfDevices.end(), is_near) ? kUnknown : um;
}

}  // namespace tessera::microstructure
