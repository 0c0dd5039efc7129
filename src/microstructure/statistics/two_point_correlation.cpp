// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/two_point_correlation.hpp"

#include "microstructure/statistics/pair_counter.hpp"

namespace tessera::microstructure {

std::vector<double> two_point_correlation(const PhaseMap& map, int phase_a, int phase_b, Border border) {
  return PairCounter(map.size, border, map.reach()).correlation(map, phase_a, phase_b);
}

std::vector<double> two_point_correlation(const PhaseMap& map, int phase, Border border) {
  return two_point_correlation(map, phase, phase, border);
}

}  // namespace tessera::microstructure
