// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/cluster_correlation.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "microstructure/statistics/clusters.hpp"
#include "microstructure/statistics/pair_counter.hpp"

namespace tessera::microstructure {
namespace {

// The pairs within one small cluster, each cell with each.
void add_pairs(const std::vector<GridSize>& cells, std::int64_t reach, PairCounts& counts) {
  const GridSize& size = counts.size;
  for (const auto& a : cells)
    for (const auto& b : cells) {
      std::int64_t at = 0;
      bool is_near = true;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::int64_t d = (b[axis] - a[axis] + size[axis]) % size[axis];
        is_near = is_near && std::min(d, size[axis] - d) <= reach;
        at = at * size[axis] + d;
      }
      if (is_near) ++counts.pairs[static_cast<std::size_t>(at)];
    }
}

}  // namespace

std::vector<double> cluster_correlation(const PhaseMap& map, int phase, Border border) {
  const Clusters clusters = find_clusters(map, phase, border);
  PairCounter counter(map.size, border, map.reach());
  const GridSize& vectors = counter.vectors();
  PairCounts total{
      .size = vectors,
      .pairs = std::vector<double>(static_cast<std::size_t>(vectors[0] * vectors[1] * vectors[2]))};
  // Each cell with each, or a transform of the whole grid for this cluster alone: what is less work.
  const double cells = static_cast<double>(std::ssize(total.pairs));
  const double transform_work = 0.5 * cells * std::log2(std::max(2.0, cells));  // in pairs, by the clock

  std::vector<std::vector<GridSize>> small(clusters.cells.size());
  std::vector<std::int32_t> large;
  for (std::size_t c = 0; c < clusters.cells.size(); ++c) {
    const auto number = static_cast<double>(clusters.cells[c]);
    if (number * number > transform_work)
      large.push_back(static_cast<std::int32_t>(c + 1));
    else
      small[c].reserve(static_cast<std::size_t>(clusters.cells[c]));
  }
  std::size_t i = 0;
  for (std::int64_t z = 0; z < map.size[0]; ++z)
    for (std::int64_t y = 0; y < map.size[1]; ++y)
      for (std::int64_t x = 0; x < map.size[2]; ++x, ++i)
        if (const auto label = clusters.labels[i]; label > 0)
          if (auto& of_cluster = small[static_cast<std::size_t>(label - 1)]; of_cluster.capacity() > 0)
            of_cluster.push_back({z, y, x});
  for (const auto& of_cluster : small) add_pairs(of_cluster, map.reach(), total);
  PhaseMap alone{.size = map.size, .labels = std::vector<std::uint8_t>(map.labels.size())};
  for (const auto label : large) {
    std::transform(clusters.labels.begin(), clusters.labels.end(), alone.labels.begin(),
                   [&](std::int32_t other) { return static_cast<std::uint8_t>(other == label); });
    const PairCounts of_cluster = counter.count(alone, 1, 1);
    std::transform(total.pairs.begin(), total.pairs.end(), of_cluster.pairs.begin(), total.pairs.begin(),
                   std::plus());
  }
  return radial_mean(total, map.size, border, map.reach());
}

}  // namespace tessera::microstructure
