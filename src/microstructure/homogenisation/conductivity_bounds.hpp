// SPDX-License-Identifier: Apache-2.0
// Between which conductivities any structure of given phase fractions must lie.
#pragma once

#include <span>

namespace tessera::microstructure {

struct Bounds {
  double lower = 0, upper = 0;
};

/// Phases in series and in parallel (Wiener 1912): of any structure, in any direction. `fractions` add up
/// to 1; as many conductivities, at least 0.
Bounds wiener_bounds(std::span<const double> fractions, std::span<const double> conductivities);

/// Of statistically isotropic structures in 2 or 3 dimensions (Hashin and Shtrikman 1962).
Bounds hashin_shtrikman_bounds(std::span<const double> fractions, std::span<const double> conductivities,
                               int dimensions);

}  // namespace tessera::microstructure
