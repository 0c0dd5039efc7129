// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/clusters.hpp"

#include <numeric>

namespace tessera::microstructure {
namespace {

// Union-find over cells; every root is its cluster's first cell.
class Sets {
 public:
  explicit Sets(std::int64_t count) : parent_(static_cast<std::size_t>(count)) {
    std::iota(parent_.begin(), parent_.end(), std::int32_t{0});
  }
  std::int32_t find(std::int32_t i) {
    while (parent_[at(i)] != i) i = parent_[at(i)] = parent_[at(parent_[at(i)])];
    return i;
  }
  void join(std::int32_t i, std::int32_t j) {
    i = find(i);
    j = find(j);
    if (i < j)
      parent_[at(j)] = i;
    else
      parent_[at(i)] = j;
  }

 private:
  static std::size_t at(std::int32_t i) { return static_cast<std::size_t>(i); }
  std::vector<std::int32_t> parent_;
};

}  // namespace

Clusters find_clusters(const PhaseMap& map, int phase, Border border) {
  const GridSize& size = map.size;
  const GridSize stride{size[1] * size[2], size[2], 1};
  Sets sets(map.num_cells());
  std::int64_t i = 0;
  for (std::int64_t z = 0; z < size[0]; ++z)
    for (std::int64_t y = 0; y < size[1]; ++y)
      for (std::int64_t x = 0; x < size[2]; ++x, ++i) {
        if (map.labels[static_cast<std::size_t>(i)] != phase) continue;
        const GridSize place{z, y, x};
        for (std::size_t axis = 0; axis < 3;
             ++axis) {  // the neighbour behind, at the border the last of its line
          const bool first = place[axis] == 0;
          if (size[axis] == 1 || (first && border == Border::Open)) continue;
          const std::int64_t behind = i + (first ? size[axis] - 1 : -1) * stride[axis];
          if (map.labels[static_cast<std::size_t>(behind)] == phase)
            sets.join(static_cast<std::int32_t>(i), static_cast<std::int32_t>(behind));
        }
      }

  Clusters clusters;
  clusters.labels.resize(map.labels.size());
  for (std::int32_t cell = 0; cell < map.num_cells(); ++cell) {
    const auto at = static_cast<std::size_t>(cell);
    if (map.labels[at] != phase) continue;
    const auto root = sets.find(cell);
    if (root == cell) {
      clusters.cells.push_back(0);
      clusters.labels[at] = static_cast<std::int32_t>(clusters.cells.size());
    } else {
      clusters.labels[at] = clusters.labels[static_cast<std::size_t>(root)];
    }
    ++clusters.cells[static_cast<std::size_t>(clusters.labels[at] - 1)];
  }
  return clusters;
}

}  // namespace tessera::microstructure
