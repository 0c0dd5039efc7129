// SPDX-License-Identifier: Apache-2.0
#include "microstructure/homogenisation/conductivity_bounds.hpp"

#include <algorithm>
#include <numeric>

namespace tessera::microstructure {
namespace {

// The harmonic mean of conductivities that are each raised by `shift`; 0 where one of them is then 0.
double harmonic_mean(std::span<const double> fractions, std::span<const double> conductivities,
                     double shift) {
  double sum = 0;
  for (std::size_t p = 0; p < fractions.size(); ++p) {
    if (fractions[p] == 0) continue;
    if (conductivities[p] + shift == 0) return 0;
    sum += fractions[p] / (conductivities[p] + shift);
  }
  return 1 / sum;
}

}  // namespace

Bounds wiener_bounds(std::span<const double> fractions, std::span<const double> conductivities) {
  return {harmonic_mean(fractions, conductivities, 0),
          std::inner_product(fractions.begin(), fractions.end(), conductivities.begin(), 0.0)};
}

Bounds hashin_shtrikman_bounds(std::span<const double> fractions, std::span<const double> conductivities,
                               int dimensions) {
  const auto [least, most] = std::minmax_element(conductivities.begin(), conductivities.end());
  const double low = (dimensions - 1) * *least, high = (dimensions - 1) * *most;
  return {harmonic_mean(fractions, conductivities, low) - low,
          harmonic_mean(fractions, conductivities, high) - high};
}

}  // namespace tessera::microstructure
