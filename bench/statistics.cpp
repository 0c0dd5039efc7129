// SPDX-License-Identifier: Apache-2.0
// Milliseconds of the statistics of phase maps, on one core, of maps held in memory: bench_statistics FILE…
// Prints key=value figures, a line for each file and statistic (of phase 1, periodic unless it says open): of
// seven rounds the middle one by the processor's time, and values for others to be held against.
#include <fmt/core.h>

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <vector>

#include "microstructure/files/phase_map_file.hpp"
#include "microstructure/statistics/cluster_correlation.hpp"
#include "microstructure/statistics/clusters.hpp"
#include "microstructure/statistics/euler_number.hpp"
#include "microstructure/statistics/pair_counter.hpp"
#include "microstructure/statistics/run_lengths.hpp"
#include "microstructure/statistics/specific_interface.hpp"
#include "microstructure/statistics/two_point_correlation.hpp"
#include "timing.hpp"

namespace {

using namespace tessera::microstructure;

// Of many maps of one size: the plan is made once.
double two_point(const PhaseMap& map, Border border) {
  static std::map<std::pair<GridSize, Border>, std::unique_ptr<PairCounter>> counters;
  auto& counter = counters[{map.size, border}];
  if (!counter) counter = std::make_unique<PairCounter>(map.size, border, map.reach(), Planning::Measured);
  return counter->correlation(map, 1, 1)[10];
}

struct Statistic {
  const char* name;
  std::function<double(const PhaseMap&)> value;
};

const std::array kStatistics = {
    Statistic{"two_point", [](const PhaseMap& map) { return two_point(map, Border::Periodic); }},
    Statistic{"two_point_open", [](const PhaseMap& map) { return two_point(map, Border::Open); }},
    Statistic{"two_point_once",
              [](const PhaseMap& map) { return two_point_correlation(map, 1, Border::Periodic)[10]; }},
    Statistic{"lineal_path", [](const PhaseMap& map) { return lineal_path(map, 1, Border::Open)[10]; }},
    Statistic{"chord_lengths",
              [](const PhaseMap& map) {
                const auto chords = chord_lengths(map, 1, Border::Open);
                return static_cast<double>(std::accumulate(chords.begin(), chords.end(), std::int64_t{0}));
              }},
    Statistic{"cluster",
              [](const PhaseMap& map) { return cluster_correlation(map, 1, Border::Periodic)[10]; }},
    Statistic{"clusters",
              [](const PhaseMap& map) {
                return static_cast<double>(find_clusters(map, 1, Border::Open).cells.size());
              }},
    Statistic{"interface", [](const PhaseMap& map) { return specific_interface(map, 1, Border::Open); }},
    Statistic{"euler",
              [](const PhaseMap& map) { return static_cast<double>(euler_number(map, 1, Border::Open)); }},
};

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const PhaseMap map = read_phase_map(argv[i]);
    for (const auto& statistic : kStatistics) {
      double value = 0;
      const double seconds = tessera::bench::median_seconds(7, [&] { value = statistic.value(map); });
      fmt::print("set={} statistic={} milliseconds={:.3f} value={:.10g}\n",
                 std::filesystem::path(argv[i]).stem().string(), statistic.name, 1e3 * seconds, value);
    }
  }
}
