// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/run_lengths.hpp"

#include <algorithm>

namespace tessera::microstructure {
namespace {

// A run of one phase along a line.
struct Run {
  std::int64_t cells = 0;
  bool whole = false;  // ends at other phases on both sides
  bool ring = false;   // a periodic line all of one phase
};

// Calls `use` with every run of `phase` of one line of `count` cells, `stride` apart.
void for_runs_of_line(const std::uint8_t* line, std::int64_t count, std::int64_t stride, int phase,
                      Border border, const auto& use) {
  const auto is_of = [&](std::int64_t i) { return line[i * stride] == phase; };
  std::int64_t start = 0, end = count;
  if (border == Border::Periodic) {  // begin behind a cell of another phase, and go around once
    while (start < count && is_of(start)) ++start;
    if (start == count) return use(Run{.cells = count, .whole = false, .ring = true});
    end = start + count;
  }
  std::int64_t cells = 0;
  for (std::int64_t i = start; i < end; ++i) {
    if (is_of(i < count ? i : i - count)) {
      ++cells;
    } else if (cells > 0) {
      use(Run{.cells = cells, .whole = border == Border::Periodic || cells < i});
      cells = 0;
    }
  }
  if (cells > 0) use(Run{.cells = cells, .whole = border == Border::Periodic});
}

void for_runs(const PhaseMap& map, int axis, int phase, Border border, const auto& use) {
  const GridSize stride{map.size[1] * map.size[2], map.size[2], 1};
  const auto along = static_cast<std::size_t>(axis), a = (along + 1) % 3, b = (along + 2) % 3;
  for (std::int64_t i = 0; i < map.size[a]; ++i)
    for (std::int64_t j = 0; j < map.size[b]; ++j)
      for_runs_of_line(map.labels.data() + i * stride[a] + j * stride[b], map.size[along], stride[along],
                       phase, border, use);
}

}  // namespace

std::vector<double> lineal_path(const PhaseMap& map, int phase, Border border) {
  const std::int64_t reach = map.reach();
  std::vector<double> path(static_cast<std::size_t>(reach + 1));
  for (int axis = map.first_axis(); axis < 3; ++axis) {
    const std::int64_t extent = map.size[static_cast<std::size_t>(axis)];
    // A run of n cells holds n − z segments of z + 1 cells; the second difference of that number is at n.
    std::vector<std::int64_t> segments(static_cast<std::size_t>(reach + 1));
    std::vector<std::int64_t> runs(static_cast<std::size_t>(extent + 1));
    std::int64_t cells_of_rings = 0;
    for_runs(map, axis, phase, border, [&](const Run& run) {
      if (run.ring)
        cells_of_rings += run.cells;
      else
        ++runs[static_cast<std::size_t>(run.cells)];
    });
    std::int64_t longer = 0, total = 0;
    for (std::int64_t n = extent; n > 0; --n) {
      longer += runs[static_cast<std::size_t>(n)];
      total += longer;
      if (n <= reach + 1) segments[static_cast<std::size_t>(n - 1)] = total + cells_of_rings;
    }
    const double lines = static_cast<double>(map.num_cells() / extent);
    for (std::int64_t z = 0; z <= reach; ++z) {
      const double possible = lines * static_cast<double>(border == Border::Open ? extent - z : extent);
      if (possible > 0)
        path[static_cast<std::size_t>(z)] +=
            static_cast<double>(segments[static_cast<std::size_t>(z)]) / possible;
    }
  }
  for (auto& value : path) value /= map.dimensions();
  return path;
}

std::vector<std::int64_t> chord_lengths(const PhaseMap& map, int phase, Border border) {
  std::vector<std::int64_t> chords(
      static_cast<std::size_t>(*std::max_element(map.size.begin(), map.size.end()) + 1));
  for (int axis = map.first_axis(); axis < 3; ++axis)
    for_runs(map, axis, phase, border, [&](const Run& run) {
      if (run.whole) ++chords[static_cast<std::size_t>(run.cells)];
    });
  return chords;
}

}  // namespace tessera::microstructure
