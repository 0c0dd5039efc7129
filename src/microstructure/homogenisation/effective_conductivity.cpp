// SPDX-License-Identifier: Apache-2.0
#include "microstructure/homogenisation/effective_conductivity.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.hpp"
#include "microstructure/homogenisation/aggregation_multigrid.hpp"

namespace tessera::microstructure {
namespace {

constexpr std::int32_t kUnseen = std::numeric_limits<std::int32_t>::min();

std::size_t at(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

void check(const PhaseMap& map, std::span<const double> conductivity, const ConductionOptions& options) {
  if (options.axis < map.first_axis() || options.axis > 2)
    throw core::InputError(fmt::format("the axis must be {} to 2, got {}", map.first_axis(), options.axis));
  for (const double value : conductivity)
    if (!std::isfinite(value) || value < 0)
      throw core::InputError(fmt::format("a conductivity must be 0 or more, got {}", value));
  const int last = map.labels.empty() ? 0 : *std::max_element(map.labels.begin(), map.labels.end());
  if (last >= std::ssize(conductivity))
    throw core::InputError(
        fmt::format("phases 0 to {} must each have a conductivity, {} have one", last, conductivity.size()));
}

// A cell's neighbours on the grid, with the way along the axis that leads over a periodic border.
class Grid {
 public:
  Grid(const PhaseMap& map, Faces faces)
      : size_(map.size), stride_{map.size[1] * map.size[2], map.size[2], 1}, faces_(faces) {}

  std::array<std::int32_t, 3> place(std::int64_t cell) const {
    return {static_cast<std::int32_t>(cell / stride_[0]),
            static_cast<std::int32_t>(cell / stride_[1] % size_[1]),
            static_cast<std::int32_t>(cell % size_[2])};
  }

  /// Calls `use(neighbour, axis, step)`, step ±1.
  void for_neighbors(std::int64_t cell, const auto& use) const {
    const auto here = place(cell);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (size_[axis] == 1) continue;
      for (const std::int64_t step : {-1, 1}) {
        const std::int64_t there = here[axis] + step;
        if (there >= 0 && there < size_[axis])
          use(cell + step * stride_[axis], axis, step);
        else if (faces_ == Faces::Periodic)
          use(cell + step * (1 - size_[axis]) * stride_[axis], axis, step);
      }
    }
  }

 private:
  GridSize size_, stride_;
  Faces faces_;
};

// Which cells lie on a path through the structure along the axis: of a cluster that reaches both faces, or
// that comes back to itself one period on.
std::vector<bool> cells_of_paths(const PhaseMap& map, std::span<const double> conductivity, const Grid& grid,
                                 const ConductionOptions& options) {
  const auto along = at(options.axis);
  std::vector<bool> on_path(map.labels.size());
  std::vector<std::int32_t> depth(map.labels.size(), kUnseen);  // along the axis, counted on over borders
  std::vector<std::int64_t> cluster;
  for (std::int64_t first = 0; first < map.num_cells(); ++first) {
    if (depth[at(first)] != kUnseen || conductivity[map.labels[at(first)]] == 0) continue;
    bool reaches_low = false, reaches_high = false, comes_back = false;
    depth[at(first)] = grid.place(first)[along];
    cluster.assign(1, first);
    for (std::size_t next = 0; next < cluster.size(); ++next) {
      const auto cell = cluster[next];
      reaches_low = reaches_low || grid.place(cell)[along] == 0;
      reaches_high = reaches_high || grid.place(cell)[along] == map.size[along] - 1;
      grid.for_neighbors(cell, [&](std::int64_t other, std::size_t axis, std::int64_t step) {
        if (conductivity[map.labels[at(other)]] == 0) return;
        const auto there = depth[at(cell)] + static_cast<std::int32_t>(axis == along ? step : 0);
        comes_back = comes_back || (depth[at(other)] != kUnseen && depth[at(other)] != there);
        if (depth[at(other)] != kUnseen) return;
        depth[at(other)] = there;
        cluster.push_back(other);
      });
    }
    if (options.faces == Faces::Fixed ? reaches_low && reaches_high : comes_back)
      for (const auto cell : cluster) on_path[at(cell)] = true;
  }
  return on_path;
}

struct Problem {
  ConductionSystem system;
  std::vector<double> source;
  double energy = 0;  // of a potential of 0 everywhere: what the fixed faces, or the mean gradient, then lose
};

Problem make_problem(const PhaseMap& map, std::span<const double> conductivity, const Grid& grid,
                     const std::vector<bool>& on_path, const ConductionOptions& options) {
  Problem problem;
  auto& system = problem.system;
  const auto along = at(options.axis);
  std::vector<std::int32_t> row(map.labels.size(), -1);
  std::int32_t rows = 0;
  for (std::size_t cell = 0; cell < row.size(); ++cell)
    if (on_path[cell]) row[cell] = rows++;
  for (std::int64_t cell = 0; cell < map.num_cells(); ++cell) {
    if (row[at(cell)] < 0) continue;
    const double here = conductivity[map.labels[at(cell)]];
    system.place.push_back(grid.place(cell));
    system.start.push_back(std::ssize(system.neighbor));
    double source = 0;
    grid.for_neighbors(cell, [&](std::int64_t other, std::size_t axis, std::int64_t step) {
      if (row[at(other)] < 0) return;
      const double there = conductivity[map.labels[at(other)]];
      const double coupling = 2 * here * there / (here + there);
      system.neighbor.push_back(row[at(other)]);
      system.coupling.push_back(coupling);
      if (options.faces == Faces::Fixed || axis != along) return;
      source += coupling * static_cast<double>(step);
      problem.energy += coupling / 2;  // each is met from both sides
    });
    // Half a cell from a face held at a temperature.
    const auto place = grid.place(cell)[along];
    const bool is_fixed = options.faces == Faces::Fixed;
    const double low = is_fixed && place == 0 ? 2 * here : 0;
    const double high = is_fixed && place == map.size[along] - 1 ? 2 * here : 0;
    system.ground.push_back(low + high);
    problem.source.push_back(source + low);
    problem.energy += low;
  }
  system.start.push_back(std::ssize(system.neighbor));
  return problem;
}

}  // namespace

Conduction effective_conductivity(const PhaseMap& map, std::span<const double> conductivity,
                                  const ConductionOptions& options) {
  check(map, conductivity, options);
  const Grid grid(map, options.faces);
  const auto on_path = cells_of_paths(map, conductivity, grid, options);
  Conduction found;
  found.percolates = std::find(on_path.begin(), on_path.end(), true) != on_path.end();
  if (!found.percolates) return found;

  // In units of the best conductor, for the preconditioner's floats.
  const double unit = *std::max_element(conductivity.begin(), conductivity.end());
  std::vector<double> relative(conductivity.begin(), conductivity.end());
  for (auto& value : relative) value /= unit;
  Problem problem = make_problem(map, relative, grid, on_path, options);
  std::vector<double> potential(problem.source.size());
  const double length = static_cast<double>(map.size[at(options.axis)]);
  if (options.faces == Faces::Fixed)  // a straight fall from face to face
    for (std::size_t i = 0; i < potential.size(); ++i)
      potential[i] = 1 - (problem.system.place[i][at(options.axis)] + 0.5) / length;
  AggregationMultigrid multigrid(std::move(problem.system));
  const auto solved = multigrid.solve(problem.source, potential, options.tolerance, options.max_iterations);
  if (!(solved.residual <= options.tolerance))
    throw core::DataError(
        fmt::format("the conductivity has not converged after {} iterations: the residual is {:.2g} "
                    "of the source. Allow more, or a larger tolerance.",
                    solved.iterations, solved.residual));
  found.iterations = solved.iterations;
  found.residual = solved.residual;
  const double cells = static_cast<double>(map.num_cells());
  const double scale = options.faces == Faces::Fixed ? length * length / cells : 1 / cells;
  found.effective = unit * scale * (problem.energy + solved.energy);  // all heat that is lost
  return found;
}

}  // namespace tessera::microstructure
