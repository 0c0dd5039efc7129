// SPDX-License-Identifier: Apache-2.0
#include "microstructure/homogenisation/aggregation_multigrid.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

namespace tessera::microstructure {
namespace {

constexpr std::int64_t kCoarsest = 40;  // cells of a level that is swept until it is solved
constexpr int kCoarsestSweeps = 20;
constexpr double kDistance = 0.5;  // of couplings between aggregates, twice as far apart as their cells
constexpr double kStrong = 0.05;   // of a cell's largest coupling: weaker ones hold no aggregate together

std::size_t at(std::int64_t i) {
  return static_cast<std::size_t>(i);
}

std::vector<double> diagonal_of(const ConductionSystem& system) {
  std::vector<double> diagonal(system.ground);
  for (std::int64_t i = 0; i < system.size(); ++i)
    for (auto k = system.start[at(i)]; k < system.start[at(i + 1)]; ++k)
      diagonal[at(i)] += system.coupling[at(k)];
  return diagonal;
}

// So that the neighbours of lower number come first in each row.
void order_rows(ConductionSystem& system) {
  std::vector<std::pair<std::int32_t, double>> row;
  for (std::int64_t i = 0; i < system.size(); ++i) {
    const auto begin = system.start[at(i)], end = system.start[at(i + 1)];
    row.clear();
    for (auto k = begin; k < end; ++k) row.emplace_back(system.neighbor[at(k)], system.coupling[at(k)]);
    std::sort(row.begin(), row.end());
    for (auto k = begin; k < end; ++k)
      std::tie(system.neighbor[at(k)], system.coupling[at(k)]) = row[at(k - begin)];
  }
}

// Cells of one block of the grid that strong couplings join, numbered by their first cell.
std::vector<std::int32_t> aggregates_of(const ConductionSystem& system) {
  std::vector<double> largest(at(system.size()));
  for (std::int64_t i = 0; i < system.size(); ++i)
    for (auto k = system.start[at(i)]; k < system.start[at(i + 1)]; ++k)
      largest[at(i)] = std::max(largest[at(i)], system.coupling[at(k)]);
  const auto block = [&](std::int64_t i) {
    auto place = system.place[at(i)];
    for (auto& component : place) component /= 2;
    return place;
  };
  std::vector<std::int32_t> aggregate(at(system.size()), -1);
  std::vector<std::int32_t> found;
  std::int32_t number = 0;
  for (std::int64_t first = 0; first < system.size(); ++first) {
    if (aggregate[at(first)] >= 0) continue;
    aggregate[at(first)] = number;
    found.assign(1, static_cast<std::int32_t>(first));
    const auto place = block(first);
    for (std::size_t next = 0; next < found.size(); ++next) {
      const std::int32_t i = found[next];
      for (auto k = system.start[at(i)]; k < system.start[at(i + 1)]; ++k) {
        const auto j = system.neighbor[at(k)];
        const double strong = kStrong * std::min(largest[at(i)], largest[at(j)]);
        if (aggregate[at(j)] >= 0 || system.coupling[at(k)] < strong || block(j) != place) continue;
        aggregate[at(j)] = number;
        found.push_back(j);
      }
    }
    ++number;
  }
  return aggregate;
}

ConductionSystem coarser(const ConductionSystem& fine, const std::vector<std::int32_t>& aggregate) {
  ConductionSystem coarse;
  const auto size = *std::max_element(aggregate.begin(), aggregate.end()) + 1;
  coarse.place.resize(at(size));
  coarse.ground.resize(at(size));
  std::vector<std::vector<std::int32_t>> members(at(size));
  for (std::int64_t i = 0; i < fine.size(); ++i) {
    const auto a = aggregate[at(i)];
    members[at(a)].push_back(static_cast<std::int32_t>(i));
    for (std::size_t axis = 0; axis < 3; ++axis) coarse.place[at(a)][axis] = fine.place[at(i)][axis] / 2;
    coarse.ground[at(a)] += kDistance * fine.ground[at(i)];
  }
  std::vector<std::int64_t> place_of(at(size), -1);  // in this row of the coarse system
  for (std::int32_t a = 0; a < size; ++a) {
    const auto row = std::ssize(coarse.neighbor);
    coarse.start.push_back(row);
    for (const auto i : members[at(a)])
      for (auto k = fine.start[at(i)]; k < fine.start[at(i + 1)]; ++k) {
        const auto b = aggregate[at(fine.neighbor[at(k)])];
        if (b == a) continue;
        if (place_of[at(b)] < row) {
          place_of[at(b)] = std::ssize(coarse.neighbor);
          coarse.neighbor.push_back(b);
          coarse.coupling.push_back(0);
        }
        coarse.coupling[at(place_of[at(b)])] += kDistance * fine.coupling[at(k)];
      }
  }
  coarse.start.push_back(std::ssize(coarse.neighbor));
  return coarse;
}

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

}  // namespace

AggregationMultigrid::Level AggregationMultigrid::make_level(const ConductionSystem& system) {
  Level level;
  level.start = system.start;
  level.neighbor = system.neighbor;
  level.coupling.assign(system.coupling.begin(), system.coupling.end());
  for (const double value : diagonal_of(system))
    level.inverse_diagonal.push_back(value > 0 ? static_cast<float>(1 / value) : 0.0F);
  for (std::int64_t i = 0; i < system.size(); ++i) {
    const auto row = system.neighbor.begin();
    level.above.push_back(std::lower_bound(row + system.start[at(i)], row + system.start[at(i + 1)], i) -
                          row);
  }
  level.x.resize(at(system.size()));
  level.source.resize(at(system.size()));
  return level;
}

AggregationMultigrid::AggregationMultigrid(ConductionSystem system) : system_(std::move(system)) {
  order_rows(system_);
  diagonal_ = diagonal_of(system_);
  levels_.push_back(make_level(system_));
  ConductionSystem coarse;
  for (const ConductionSystem* fine = &system_; fine->size() > kCoarsest; fine = &coarse) {
    auto aggregate = aggregates_of(*fine);
    auto next = coarser(*fine, aggregate);
    if (next.size() == fine->size()) return;  // nothing hangs together any more
    levels_.back().aggregate = std::move(aggregate);
    coarse = std::move(next);
    order_rows(coarse);
    levels_.push_back(make_level(coarse));
  }
}

// One V-cycle from zero: a sweep of Gauss and Seidel down, the correction of the next level, a sweep back up;
// symmetric, as conjugate gradients need it. The sweep down meets only lower neighbours, for the others are
// still zero, and what it leaves is what the higher ones then draw.
void AggregationMultigrid::cycle(std::size_t number) {
  Level& level = levels_[number];
  const auto size = std::ssize(level.x);
  float* x = level.x.data();
  const auto drawn = [&](std::int64_t begin, std::int64_t end) {
    float sum = 0;
    for (auto k = begin; k < end; ++k) sum += level.coupling[at(k)] * x[level.neighbor[at(k)]];
    return sum;
  };
  const auto relax = [&](std::int64_t i, std::int64_t begin, std::int64_t end) {
    x[i] = (level.source[at(i)] + drawn(begin, end)) * level.inverse_diagonal[at(i)];
  };
  for (std::int64_t i = 0; i < size; ++i) relax(i, level.start[at(i)], level.above[at(i)]);
  if (level.aggregate.empty()) {
    for (int sweep = 0; sweep < kCoarsestSweeps; ++sweep) {
      for (std::int64_t i = size - 1; i >= 0; --i) relax(i, level.start[at(i)], level.start[at(i + 1)]);
      if (sweep + 1 < kCoarsestSweeps)
        for (std::int64_t i = 0; i < size; ++i) relax(i, level.start[at(i)], level.start[at(i + 1)]);
    }
    return;
  }
  Level& next = levels_[number + 1];
  std::fill(next.source.begin(), next.source.end(), 0.0F);
  for (std::int64_t i = 0; i < size; ++i)
    next.source[at(level.aggregate[at(i)])] += drawn(level.above[at(i)], level.start[at(i + 1)]);
  cycle(number + 1);
  for (std::int64_t i = 0; i < size; ++i) x[i] += next.x[at(level.aggregate[at(i)])];
  for (std::int64_t i = size - 1; i >= 0; --i) relax(i, level.start[at(i)], level.start[at(i + 1)]);
}

SolveResult AggregationMultigrid::solve(std::span<const double> source, std::span<double> x, double tolerance,
                                        std::int64_t max_iterations) {
  const std::int64_t size = system_.size();
  const auto times = [&](std::span<const double> from, std::span<double> to) {
    for (std::int64_t i = 0; i < size; ++i) {
      double sum = diagonal_[at(i)] * from[at(i)];
      for (auto k = system_.start[at(i)]; k < system_.start[at(i + 1)]; ++k)
        sum -= system_.coupling[at(k)] * from[at(system_.neighbor[at(k)])];
      to[at(i)] = sum;
    }
  };
  SolveResult result;
  const double scale = std::sqrt(dot(source, source));
  if (scale == 0) {
    std::fill(x.begin(), x.end(), 0.0);
    return result;
  }
  std::vector<double> residual(at(size)), direction(at(size)), image(at(size));
  times(x, residual);
  for (std::int64_t i = 0; i < size; ++i) residual[at(i)] = source[at(i)] - residual[at(i)];
  Level& fine = levels_.front();
  double before = 0;
  for (;; ++result.iterations) {
    result.residual = std::sqrt(dot(residual, residual)) / scale;
    if (result.residual <= tolerance || result.iterations == max_iterations) break;
    const double unit =
        1 / (result.residual * scale);  // the residual shrinks, a float's range does not follow
    for (std::int64_t i = 0; i < size; ++i) fine.source[at(i)] = static_cast<float>(residual[at(i)] * unit);
    cycle(0);
    double product = 0;
    for (std::int64_t i = 0; i < size; ++i) product += residual[at(i)] * fine.x[at(i)];
    product /= unit;
    const double keep = before > 0 ? product / before : 0;
    for (std::int64_t i = 0; i < size; ++i) direction[at(i)] = fine.x[at(i)] / unit + keep * direction[at(i)];
    before = product;
    times(direction, image);
    const double curvature = dot(direction, image);
    if (!(curvature > 0) || !(product > 0)) break;  // rounding is all that is left
    const double step = product / curvature;
    for (std::int64_t i = 0; i < size; ++i) {
      x[at(i)] += step * direction[at(i)];
      residual[at(i)] -= step * image[at(i)];
    }
  }
  for (std::int64_t i = 0; i < size; ++i) result.energy -= x[at(i)] * (source[at(i)] + residual[at(i)]);
  return result;
}

}  // namespace tessera::microstructure
