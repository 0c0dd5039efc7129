// SPDX-License-Identifier: Apache-2.0
// The colours of every page and chart, for light and dark screens. Charts name a colour by CSS variable, with
// the light value as fallback, so a picture cut out of the page still shows. Series colours follow Okabe and
// Ito (2008), darkened or lightened until legible; told apart by the colour-blind too.
#pragma once

#include <string>

namespace tessera::report {

std::string ink_colour();
std::string muted_colour();
std::string grid_colour();
std::string series_colour(std::size_t index);

/// Shades of a quantity, from almost nothing (0) to most (kHeatLevels − 1).
constexpr int kHeatLevels = 9;
std::string heat_colour(int level);
/// What can be read on that shade.
std::string heat_ink_colour(int level);

/// The :root rules that define all of them, the dark ones under prefers-color-scheme.
std::string palette_css();

}  // namespace tessera::report
