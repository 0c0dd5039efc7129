// SPDX-License-Identifier: Apache-2.0
// How like its sample a structure is, by statistics it was not necessarily fitted to.
#pragma once

#include <vector>

#include "microstructure/phase_map.hpp"

namespace tessera::reconstruction {

/// By phase, and r = 0, 1 … the map's reach.
struct Statistics {
  struct OfPhase {
    int phase = 0;
    double fraction = 0;
    std::vector<double> two_point, lineal_path, cluster;
  };
  std::vector<OfPhase> phases;  // of two phases the second, of more each
};

Statistics statistics_of(const microstructure::PhaseMap& map, int phases, microstructure::Border border);

/// Means over phases. Of fractions |φ − φ*|; of a curve f the sum of |f − f*| over the sum of |f*|, r from 0
/// to the lesser reach of the two; of autocovariance f is S2 − φ², which alone tells a structure from its
/// cells shuffled.
struct Errors {
  double fraction = 0, two_point = 0, autocovariance = 0, lineal_path = 0, cluster = 0;
};
Errors errors_of(const Statistics& statistics, const Statistics& target);
Errors mean_of(const std::vector<Errors>& errors);

/// What another piece of the same material would get: the four quarters of the sample against the whole, with
/// an open border, over distances up to a quarter of its edge.
struct NoiseFloor {
  Errors errors;
  Statistics deviation;  // of each curve, the quarters' mean distance from the whole
};
NoiseFloor noise_floor(const microstructure::PhaseMap& sample, int phases);

/// The highest correlation coefficient of the two maps' labels over all shifts, the one turned by half a turn
/// or not: near 1 for a copy, which the correlations alone cannot tell from the sample. NaN for maps of
/// different size.
double highest_overlap(const microstructure::PhaseMap& map, const microstructure::PhaseMap& sample);

}  // namespace tessera::reconstruction
