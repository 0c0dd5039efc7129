// SPDX-License-Identifier: Apache-2.0
// The power diagram of weighted seeds in a rectangle (Laguerre tessellation: Imai, Iri and Murota 1985): the
// cell of a seed is where |x − seed|² − weight is least. A polycrystal's grains, larger where the weight is.
#pragma once

#include <span>
#include <vector>

namespace tessera::microstructure {

/// px; x to the right, y down, as pixels are counted; the centre of pixel (y, x) is (x + 0.5, y + 0.5).
struct Point {
  double x = 0;
  double y = 0;
  bool operator==(const Point&) const = default;
};

inline Point operator+(Point a, Point b) {
  return {a.x + b.x, a.y + b.y};
}
inline Point operator-(Point a, Point b) {
  return {a.x - b.x, a.y - b.y};
}
inline Point operator*(double factor, Point a) {
  return {factor * a.x, factor * a.y};
}
inline double dot(Point a, Point b) {
  return a.x * b.x + a.y * b.y;
}
inline double cross(Point a, Point b) {
  return a.x * b.y - a.y * b.x;
}

struct WeightedSeed {
  Point position;     // may lie outside the rectangle
  double weight = 0;  // px²; all equal: the Voronoi diagram
};

constexpr int kOutside = -1;  // beyond the rectangle's rim

/// A convex polygon, its corners in the order of growing angle (from x to y).
struct PowerCell {
  std::vector<Point> corners;  // none where heavier seeds leave nothing to this one
  std::vector<int> neighbors;  // the cell across the side from corner i to corner i + 1; kOutside at the rim
  double area() const;
  /// Of a cell with area.
  Point centroid() const;
};

/// The cell of each seed, clipped to [0, width] × [0, height]; they share it out among them.
std::vector<PowerCell> power_cells(std::span<const WeightedSeed> seeds, double width, double height);

struct CellEdge {
  int from, to;     // vertices
  int cell, other;  // `cell` has the edge from `from` to `to`, `other` the other way round, or is kOutside
};

/// The cells joined: each vertex and each edge once.
struct LaguerreTessellation {
  std::vector<PowerCell> cells;
  std::vector<Point> vertices;
  std::vector<CellEdge> edges;

  /// px, of the edges between two cells.
  double boundary_length() const;
  /// How many cells' edges meet in each vertex, the rim's left out: 3 at a triple junction, 0 or 1 on the
  /// rim.
  std::vector<int> vertex_degrees() const;
};

/// Raises InternalError where two cells do not agree on an edge between them.
LaguerreTessellation laguerre_tessellation(std::span<const WeightedSeed> seeds, double width, double height);

}  // namespace tessera::microstructure
