// SPDX-License-Identifier: Apache-2.0
// How the benches take time.
#pragma once

#include <algorithm>
#include <ctime>
#include <vector>

namespace tessera::bench {

/// The process's own seconds: with one thread, what the work takes on an idle core, also on a busy machine.
double seconds_of(const auto& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double start = now();
  work();
  return now() - start;
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Of so many rounds of `work` the middle one.
double median_seconds(int rounds, const auto& work) {
  std::vector<double> seconds;
  for (int round = 0; round < rounds; ++round) seconds.push_back(seconds_of(work));
  return median(seconds);
}

}  // namespace tessera::bench
