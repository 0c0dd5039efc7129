// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/specific_interface.hpp"

#include <algorithm>
#include <numbers>

namespace tessera::microstructure {

double specific_interface(const PhaseMap& map, int phase, Border border) {
  const GridSize& size = map.size;
  const GridSize stride{size[1] * size[2], size[2], 1};
  const auto* labels = map.labels.data();
  double slope = 0;
  for (auto axis = static_cast<std::size_t>(map.first_axis()); axis < 3; ++axis) {
    // Pairs of cells one step apart differ where their line crosses the interface.
    std::int64_t differing = 0;
    const std::int64_t steps = border == Border::Periodic ? size[axis] : size[axis] - 1;
    const std::int64_t lines = map.num_cells() / size[axis];
    const std::int64_t run = stride[axis];  // lines side by side in memory
    for (std::int64_t first = 0; first < map.num_cells(); first += run * size[axis])
      for (std::int64_t step = 0; step < steps; ++step) {
        const auto* here = labels + first + step * run;
        const auto* next = labels + first + (step + 1) % size[axis] * run;
        for (std::int64_t i = 0; i < run; ++i) differing += (here[i] == phase) != (next[i] == phase);
      }
    slope += static_cast<double>(differing) /
             (2.0 * static_cast<double>(std::max<std::int64_t>(1, lines * steps)));
  }
  slope /= map.dimensions();
  return (map.dimensions() == 2 ? std::numbers::pi : 4.0) * slope;
}

}  // namespace tessera::microstructure
