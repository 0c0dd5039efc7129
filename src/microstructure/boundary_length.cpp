// SPDX-License-Identifier: Apache-2.0
#include "microstructure/boundary_length.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tessera::microstructure {
namespace {

// Points along a chain, one coordinate after the other.
struct Polyline {
  std::vector<double> y, x;
  bool closed = false;
  std::size_t size() const { return y.size(); }
};

Polyline points_of(const SkeletonGraph& graph, const SkeletonEdge& edge) {
  Polyline line;
  line.closed = edge.is_closed();
  line.y.reserve(edge.pixels.size() + 2);
  line.x.reserve(edge.pixels.size() + 2);
  const auto add = [&line](double y, double x) {
    line.y.push_back(y);
    line.x.push_back(x);
  };
  const auto add_node = [&](int node) {
    const auto& at = graph.nodes[static_cast<std::size_t>(node)];
    add(at.y, at.x);
  };
  if (!line.closed) add_node(edge.from);
  for (const Pixel p : edge.pixels) add(p.y, p.x);
  if (!line.closed) add_node(edge.to);
  return line;
}

// Each value becomes a quarter, a half and a quarter of itself and its neighbours. Open ends stay where they
// are, as if the chain went on beyond them turned half round.
void average_neighbours(std::vector<double>& values, bool closed) {
  if (values.size() < 3) return;
  const double first = values.front(), last = values.back();
  double before = closed ? last : first;
  const std::size_t begin = closed ? 0 : 1, end = values.size() - 1;
  for (std::size_t i = begin; i < end; ++i) {
    const double here = values[i];
    values[i] = 0.25 * before + 0.5 * here + 0.25 * values[i + 1];
    before = here;
  }
  if (closed) values[end] = 0.25 * before + 0.5 * last + 0.25 * first;
}

// Twice the average less the average's average: 1 − (1 − g)² of each frequency, where g is the average's
// share.
void smooth(std::vector<double>& values, bool closed) {
  constexpr int kPasses = 3;  // a binomial of seven points; more would take bends of real boundaries too
  for (int pass = 0; pass < kPasses; ++pass) average_neighbours(values, closed);
  std::vector<double> twice = values;
  for (int pass = 0; pass < kPasses; ++pass) average_neighbours(twice, closed);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 2 * values[i] - twice[i];
}

double step_length(const Polyline& line, std::size_t from, std::size_t to) {
  const double dy = line.y[to] - line.y[from], dx = line.x[to] - line.x[from];
  return std::sqrt(dy * dy + dx * dx);
}

// From the middle of the outermost pixel `end` to its rim, the way the line comes from `before`; at most 1.
double way_to_rim(const SkeletonGraph& graph, const Polyline& line, std::size_t end, std::size_t before) {
  const double y = line.y[end], x = line.x[end];
  const bool at_row = y == 0 || y == graph.height - 1;
  const bool at_column = x == 0 || x == graph.width - 1;
  const double dy = std::abs(y - line.y[before]), dx = std::abs(x - line.x[before]);
  const double across = std::max(at_row ? dy : 0, at_column ? dx : 0);
  return 0.5 / std::max(across / std::hypot(dy, dx), 0.5);
}

Polyline smoothed(Polyline line) {
  smooth(line.y, line.closed);
  smooth(line.x, line.closed);
  return line;
}

// Calls `piece(i, j, length)` for each piece of the smoothed line, between points i and j of it.
template <typename Piece>
void for_each_piece(const SkeletonGraph& graph, const SkeletonEdge& edge, Piece&& piece) {
  const Polyline line = smoothed(points_of(graph, edge));
  const std::size_t last = line.size() - 1;
  for (std::size_t i = 0; i < last; ++i) piece(i, i + 1, step_length(line, i, i + 1));
  if (line.closed) {
    piece(last, 0, step_length(line, last, 0));
    return;
  }
  const auto is_cut = [&](int node) { return graph.nodes[static_cast<std::size_t>(node)].at_edge; };
  if (is_cut(edge.from)) piece(0, 0, way_to_rim(graph, line, 0, 1));
  if (is_cut(edge.to)) piece(last, last, way_to_rim(graph, line, last, last - 1));
}

}  // namespace

double edge_length(const SkeletonGraph& graph, const SkeletonEdge& edge) {
  double sum = 0;
  for_each_piece(graph, edge, [&](std::size_t, std::size_t, double length) { sum += length; });
  return sum;
}

double boundary_length(const SkeletonGraph& graph) {
  double sum = 0;
  for (const auto& edge : graph.edges) sum += edge_length(graph, edge);
  return sum;
}

double boundary_length_within(const SkeletonGraph& graph, const Mask& where) {
  double sum = 0;
  for (const auto& edge : graph.edges) {
    const Polyline pixels = points_of(graph, edge);
    const auto share = [&](std::size_t i) {
      return where(static_cast<int>(std::lround(pixels.y[i])), static_cast<int>(std::lround(pixels.x[i])))
                 ? 0.5
                 : 0;
    };
    for_each_piece(graph, edge, [&](std::size_t i, std::size_t j, double length) {
      sum += (share(i) + share(j)) * length;
    });
  }
  return sum;
}

double mean_intercept(const SkeletonGraph& graph) {
  // Lines half-way between the pixels' centres: on these themselves straight rows of pixels would lie.
  const auto lines_between = [](double from, double to) {
    return std::abs(std::floor(to + 0.5) - std::floor(from + 0.5));
  };
  double crossings = 0;
  for (const auto& edge : graph.edges) {
    const Polyline line = smoothed(points_of(graph, edge));
    for (std::size_t i = line.closed ? 0 : 1; i < line.size(); ++i) {
      const std::size_t before = i > 0 ? i - 1 : line.size() - 1;
      crossings += lines_between(line.y[before], line.y[i]) + lines_between(line.x[before], line.x[i]);
    }
  }
  const double height = graph.height, width = graph.width;
  if (crossings == 0) return std::numeric_limits<double>::quiet_NaN();
  return ((height - 1) * width + (width - 1) * height) / crossings;
}

}  // namespace tessera::microstructure
