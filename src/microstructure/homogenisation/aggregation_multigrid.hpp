// SPDX-License-Identifier: Apache-2.0
// Conjugate gradients for conduction on a grid some of whose cells may be missing, with a multigrid of
// aggregates as preconditioner: cells of a block of two by two (by two) that conduct into one another become
// one cell of the next level. What only a block holds together is kept apart, so that pores that pass each
// other closely are not short-circuited; couplings between aggregates are halved, for their distance is twice
// as long (Braess 1995: without that, aggregation converges slowly).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace tessera::microstructure {

/// Σ coupling_ij (x_i − x_j) + ground_i x_i = source_i, symmetric; one row a cell.
struct ConductionSystem {
  std::vector<std::array<std::int32_t, 3>> place;  // of each cell on the grid
  std::vector<std::int64_t> start;  // of each cell's couplings in the two below; one more at the end
  std::vector<std::int32_t> neighbor;
  std::vector<double> coupling;  // above 0
  std::vector<double> ground;    // coupling to a fixed potential of 0; at least 0

  std::int64_t size() const { return std::ssize(ground); }
};

struct SolveResult {
  std::int64_t iterations = 0;
  double residual = 0;  // 2-norm, over the source's
  double energy = 0;    // xᵀAx − 2 sourceᵀx, whose error is the square of the potential's
};

class AggregationMultigrid {
 public:
  explicit AggregationMultigrid(ConductionSystem system);

  /// From the potential given in `x`. Stops below `tolerance`, after `max_iterations`, or where rounding lets
  /// the residual fall no further. Where nothing is grounded the sources must add up to 0, and the potential
  /// is known up to a constant.
  SolveResult solve(std::span<const double> source, std::span<double> x, double tolerance,
                    std::int64_t max_iterations);

  std::int64_t num_levels() const { return std::ssize(levels_); }

 private:
  // A level of the preconditioner, which need be no more exact than a float; memory is what it waits for.
  struct Level {
    std::vector<std::int64_t> start, above;  // of each row, and of its neighbours of higher number in it
    std::vector<std::int32_t> neighbor;
    std::vector<float> coupling, inverse_diagonal;
    std::vector<std::int32_t> aggregate;  // of each cell: its cell of the next level; empty on the last
    std::vector<float> x, source;
  };
  static Level make_level(const ConductionSystem& system);
  void cycle(std::size_t level);

  ConductionSystem system_;
  std::vector<double> diagonal_;
  std::vector<Level> levels_;
};

}  // namespace tessera::microstructure
