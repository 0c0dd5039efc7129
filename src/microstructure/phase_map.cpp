// SPDX-License-Identifier: Apache-2.0
#include "microstructure/phase_map.hpp"

#include <algorithm>

namespace tessera::microstructure {

double phase_fraction(const PhaseMap& map, int phase) {
  return static_cast<double>(std::count(map.labels.begin(), map.labels.end(), phase)) /
         static_cast<double>(map.num_cells());
}

}  // namespace tessera::microstructure
