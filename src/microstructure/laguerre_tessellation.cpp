// SPDX-License-Identifier: Apache-2.0
#include "microstructure/laguerre_tessellation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include "core/error.hpp"

namespace tessera::microstructure {
namespace {

// Seeds by square of the plane, so that those near a point are found ring by ring.
class BucketGrid {
 public:
  explicit BucketGrid(std::span<const WeightedSeed> seeds) {
    Point high{-INFINITY, -INFINITY};
    low_ = {INFINITY, INFINITY};
    for (const auto& seed : seeds) {
      low_ = {std::min(low_.x, seed.position.x), std::min(low_.y, seed.position.y)};
      high = {std::max(high.x, seed.position.x), std::max(high.y, seed.position.y)};
    }
    const Point extent = high - low_;
    const auto count = static_cast<double>(seeds.size());
    side_ = std::max({std::sqrt(extent.x * extent.y / count), extent.x / count, extent.y / count, 1e-6});
    columns_ = static_cast<int>(extent.x / side_) + 1;
    rows_ = static_cast<int>(extent.y / side_) + 1;
    buckets_.resize(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_));
    for (std::size_t i = 0; i < seeds.size(); ++i)
      bucket(row_of(seeds[i].position), column_of(seeds[i].position)).push_back(static_cast<int>(i));
  }

  /// Calls visit(seed) for the buckets `ring` steps from the point's own; false where none lies so far out.
  template <typename Visit>
  bool visit_ring(Point centre, int ring, Visit&& visit) {
    const int row = row_of(centre), column = column_of(centre);
    bool any = false;
    for (int r = std::max(row - ring, 0); r <= std::min(row + ring, rows_ - 1); ++r) {
      const bool whole = r == row - ring || r == row + ring;
      for (int c = column - ring; c <= column + ring; c += whole ? 1 : std::max(2 * ring, 1)) {
        if (c < 0 || c >= columns_) continue;
        any = true;
        for (const int seed : bucket(r, c)) visit(seed);
      }
    }
    return any;
  }

  /// px; seeds of the rings up to `ring` and no others may lie nearer to a seed than this.
  double reach(int ring) const { return ring * side_; }

 private:
  int row_of(Point p) const { return static_cast<int>((p.y - low_.y) / side_); }
  int column_of(Point p) const { return static_cast<int>((p.x - low_.x) / side_); }
  std::vector<int>& bucket(int row, int column) {
    return buckets_[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) +
                    static_cast<std::size_t>(column)];
  }

  Point low_;
  double side_ = 1;
  int columns_ = 1, rows_ = 1;
  std::vector<std::vector<int>> buckets_;
};

// Memory that one cut hands to the next.
struct Scratch {
  std::vector<double> beyond;  // px, of each corner from the line
  PowerCell left;
};

// Cuts off what is nearer, by power, to `rival`. A corner within `slack` of the line between counts as on it.
void clip(PowerCell& cell, std::span<const WeightedSeed> seeds, std::size_t own_index, int rival_index,
          double slack, Scratch& scratch) {
  const WeightedSeed &own = seeds[own_index], &rival = seeds[static_cast<std::size_t>(rival_index)];
  const Point apart = rival.position - own.position;
  const double distance = std::sqrt(dot(apart, apart));
  if (distance == 0) {  // the heavier has it all, of equals the first
    const bool first = static_cast<int>(own_index) < rival_index;
    if (rival.weight > own.weight || (rival.weight == own.weight && !first)) cell = {};
    return;
  }
  const Point along = (1 / distance) * apart;
  const double line = (distance * distance + own.weight - rival.weight) / (2 * distance);  // px from the seed
  const std::size_t n = cell.corners.size();
  auto& [beyond, left] = scratch;
  beyond.resize(n);
  bool any = false;
  for (std::size_t i = 0; i < n; ++i) {
    beyond[i] = dot(cell.corners[i] - own.position, along) - line;
    any = any || beyond[i] > slack;
  }
  if (!any) return;
  left.corners.clear();
  left.neighbors.clear();
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t next = (i + 1) % n;
    const bool keep = beyond[i] <= slack, keep_next = beyond[next] <= slack;
    const auto crossing = [&] {
      const double t = beyond[i] / (beyond[i] - beyond[next]);
      return cell.corners[i] + t * (cell.corners[next] - cell.corners[i]);
    };
    if (keep) {
      left.corners.push_back(cell.corners[i]);
      // The cut begins at a corner on the line itself, or further on along this side.
      const bool on_line = !keep_next && beyond[i] >= -slack;
      left.neighbors.push_back(on_line ? rival_index : cell.neighbors[i]);
      if (!keep_next && !on_line) {
        left.corners.push_back(crossing());
        left.neighbors.push_back(rival_index);
      }
    } else if (keep_next && beyond[next] < -slack) {
      left.corners.push_back(crossing());
      left.neighbors.push_back(cell.neighbors[i]);
    }
  }
  if (left.corners.size() < 3) left = {};
  std::swap(cell, left);
}

double farthest_corner(const PowerCell& cell, Point from) {
  double squared = 0;
  for (const Point& corner : cell.corners) squared = std::max(squared, dot(corner - from, corner - from));
  return std::sqrt(squared);
}

// One number for all points within a hair of each other: cells compute a common corner each for itself.
class VertexWelder {
 public:
  VertexWelder(std::vector<Point>& vertices, double width) : vertices_(vertices), width_(width) {}

  int weld(Point point) {
    const auto row = cell_of(point.y), column = cell_of(point.x);
    for (auto r = row - 1; r <= row + 1; ++r)
      for (auto c = column - 1; c <= column + 1; ++c)
        if (const auto found = near_.find(key(r, c)); found != near_.end()) {
          const Point apart = vertices_[static_cast<std::size_t>(found->second)] - point;
          if (std::hypot(apart.x, apart.y) <= 1.5 * width_)
            return found->second;  // 1.5: more than a square's diagonal
        }
    const int number = static_cast<int>(vertices_.size());
    vertices_.push_back(point);
    near_.emplace(key(row, column), number);
    return number;
  }

 private:
  std::int64_t cell_of(double x) const { return static_cast<std::int64_t>(std::floor(x / width_)); }
  static std::uint64_t key(std::int64_t row, std::int64_t column) {
    return static_cast<std::uint64_t>(row) * 0x9E3779B97F4A7C15ull + static_cast<std::uint64_t>(column);
  }
  std::vector<Point>& vertices_;
  double width_;
  std::unordered_map<std::uint64_t, int> near_;
};

}  // namespace

double PowerCell::area() const {
  double twice = 0;
  for (std::size_t i = 0; i < corners.size(); ++i)
    twice += cross(corners[i] - corners[0], corners[(i + 1) % corners.size()] - corners[0]);
  return twice / 2;
}

Point PowerCell::centroid() const {
  Point sum;
  double weight = 0;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const Point a = corners[i] - corners[0], b = corners[(i + 1) % corners.size()] - corners[0];
    sum = sum + cross(a, b) / 3 * (a + b);
    weight += cross(a, b);
  }
  return corners[0] + 1 / weight * sum;
}

std::vector<PowerCell> power_cells(std::span<const WeightedSeed> seeds, double width, double height) {
  std::vector<PowerCell> cells(seeds.size());
  if (seeds.empty()) return cells;
  double heaviest = -INFINITY;
  for (const auto& seed : seeds) heaviest = std::max(heaviest, seed.weight);
  BucketGrid grid(seeds);
  const double slack = 1e-11 * std::max(width, height);
  Scratch scratch;
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    const WeightedSeed& own = seeds[i];
    PowerCell& cell = cells[i];
    cell = {{{0, 0}, {width, 0}, {width, height}, {0, height}}, {kOutside, kOutside, kOutside, kOutside}};
    for (int ring = 0; !cell.corners.empty(); ++ring) {
      const bool any = grid.visit_ring(own.position, ring, [&](int rival) {
        if (rival != static_cast<int>(i) && !cell.corners.empty())
          clip(cell, seeds, i, rival, slack, scratch);
      });
      // A rival takes a corner at distance R only from within sqrt(R² − own weight + its weight) of that
      // corner.
      const double corner = farthest_corner(cell, own.position);
      const double rival = std::sqrt(std::max(corner * corner - own.weight + heaviest, 0.0));
      if (!any || grid.reach(ring) > corner + rival) break;
    }
  }
  return cells;
}

LaguerreTessellation laguerre_tessellation(std::span<const WeightedSeed> seeds, double width, double height) {
  LaguerreTessellation made;
  made.cells = power_cells(seeds, width, height);
  VertexWelder welder(made.vertices, 1e-9 * std::max(width, height));
  std::unordered_map<std::uint64_t, std::size_t> edge_between;
  const auto key = [](int from, int to) {
    return static_cast<std::uint64_t>(from) << 32 | static_cast<std::uint32_t>(to);
  };
  for (std::size_t i = 0; i < made.cells.size(); ++i) {
    const PowerCell& cell = made.cells[i];
    std::vector<int> corners;
    for (const Point& corner : cell.corners) corners.push_back(welder.weld(corner));
    for (std::size_t side = 0; side < corners.size(); ++side) {
      const int from = corners[side], to = corners[(side + 1) % corners.size()];
      if (from == to) continue;  // shorter than a hair
      if (const auto other = edge_between.find(key(to, from)); other != edge_between.end()) {
        made.edges[other->second].other = static_cast<int>(i);
      } else {
        edge_between.emplace(key(from, to), made.edges.size());
        made.edges.push_back({from, to, static_cast<int>(i), kOutside});
      }
    }
  }
  const auto on_rim = [&](int vertex) {
    const Point p = made.vertices[static_cast<std::size_t>(vertex)];
    const double hair = 1e-8 * std::max(width, height);
    return p.x < hair || p.y < hair || p.x > width - hair || p.y > height - hair;
  };
  for (const CellEdge& edge : made.edges)
    if (edge.other == kOutside && !(on_rim(edge.from) && on_rim(edge.to)))
      throw core::InternalError("two cells of a tessellation do not agree on their common edge");
  return made;
}

double LaguerreTessellation::boundary_length() const {
  double length = 0;
  for (const CellEdge& edge : edges)
    if (edge.other != kOutside) {
      const Point along =
          vertices[static_cast<std::size_t>(edge.to)] - vertices[static_cast<std::size_t>(edge.from)];
      length += std::hypot(along.x, along.y);
    }
  return length;
}

std::vector<int> LaguerreTessellation::vertex_degrees() const {
  std::vector<int> degrees(vertices.size());
  for (const CellEdge& edge : edges)
    if (edge.other != kOutside) {
      ++degrees[static_cast<std::size_t>(edge.from)];
      ++degrees[static_cast<std::size_t>(edge.to)];
    }
  return degrees;
}

}  // namespace tessera::microstructure
