// SPDX-License-Identifier: Apache-2.0
#include "microstructure/connected_regions.hpp"

#include <algorithm>
#include <numeric>

namespace tessera::microstructure {
namespace {

// Pixels [begin, end) of a row, all of the phase.
struct Run {
  int y, begin, end;
};

std::vector<Run> find_runs(const Mask& mask, bool set) {
  std::vector<Run> runs;
  for (int y = 0; y < mask.height(); ++y) {
    const std::uint8_t* row = mask.row(y);
    for (int x = 0; x < mask.width(); ++x) {
      if ((row[x] != 0) != set) continue;
      const int begin = x;
      while (x < mask.width() && (row[x] != 0) == set) ++x;
      runs.push_back({y, begin, x});
    }
  }
  return runs;
}

// Disjoint sets; a set's root is its first run, so that regions are numbered row by row.
class Sets {
 public:
  explicit Sets(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0); }
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(std::size_t a, std::size_t b) {
    a = root(a), b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> parent_;
};

Sets join_runs(const std::vector<Run>& runs, Connectivity connectivity) {
  const int reach = connectivity == Connectivity::Eight ? 1 : 0;
  Sets sets(runs.size());
  std::size_t above = 0;  // the first run of the row above that may still touch
  for (std::size_t i = 0; i < runs.size(); ++i) {
    while (runs[above].y < runs[i].y - 1 ||
           (runs[above].y == runs[i].y - 1 && runs[above].end + reach <= runs[i].begin))
      ++above;
    for (std::size_t j = above; runs[j].y == runs[i].y - 1 && runs[j].begin < runs[i].end + reach; ++j)
      sets.join(i, j);
  }
  return sets;
}

}  // namespace

Regions connected_regions(const Mask& mask, bool set, Connectivity connectivity) {
  const int height = mask.height(), width = mask.width();
  const auto runs = find_runs(mask, set);
  Sets sets = join_runs(runs, connectivity);
  Regions found{Raster<std::int32_t>(height, width), {}};
  std::vector<std::int32_t> label(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::size_t root = sets.root(i);
    if (root == i) {
      found.regions.emplace_back();
      label[i] = static_cast<std::int32_t>(found.regions.size());
    }
    label[i] = label[root];
    const auto [y, begin, end] = runs[i];
    Region& region = found.regions[static_cast<std::size_t>(label[i] - 1)];
    const bool outer_row = y == 0 || y == height - 1;
    region.area_px += end - begin;
    region.at_edge |= outer_row || begin == 0 || end == width;
    for (int corner_row : {0, height - 1})
      region.corners += y == corner_row ? (begin == 0) + (end == width) : 0;
    std::fill(found.labels.row(y) + begin, found.labels.row(y) + end, label[i]);
  }
  return found;
}

BettiNumbers betti_numbers(const Mask& mask) {
  const auto parts = connected_regions(mask, true, Connectivity::Eight);
  const auto gaps = connected_regions(mask, false, Connectivity::Four);
  return {std::ssize(parts.regions),
          std::ranges::count_if(gaps.regions, [](const Region& gap) { return !gap.at_edge; })};
}

}  // namespace tessera::microstructure
