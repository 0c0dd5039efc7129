// SPDX-License-Identifier: Apache-2.0
// How the benches of training steps take time.
#pragma once

#include <algorithm>
#include <ctime>
#include <vector>

namespace tessera::bench {

/// The process's own seconds: with one thread, what the work takes on an idle core, also on a busy machine.
double seconds_of(const auto& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace tessera::bench
