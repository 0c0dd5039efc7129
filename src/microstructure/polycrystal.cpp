// SPDX-License-Identifier: Apache-2.0
#include "microstructure/polycrystal.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace tessera::microstructure {
namespace {

// Moves every point along `direction`, across which the wave runs.
struct ShearWave {
  Point direction;
  double amplitude;    // px
  double wave_number;  // 1/px
  double phase;

  Point operator()(Point p) const {
    const double across = cross(direction, p);
    return p + amplitude * std::sin(wave_number * across + phase) * direction;
  }
};

constexpr double kShortestWave = 8;  // px
constexpr double kStep = 2;          // px, of a bent boundary's segments

std::array<ShearWave, 8> draw_waves(const PolycrystalOptions& options, core::RandomStream& random) {
  constexpr double kTwoPi = 2 * std::numbers::pi;
  constexpr double kSlope = 0.4;  // of one wave at roughness 1: together, their root mean square is 0.8
  std::array<ShearWave, 8> waves{};
  const double longest = std::max(2 * options.grain_size_px, kShortestWave);
  for (ShearWave& wave : waves) {
    const double angle = random.uniform(0, kTwoPi);
    const double length = kShortestWave * std::pow(longest / kShortestWave, random.uniform());
    wave.direction = {std::cos(angle), std::sin(angle)};
    wave.wave_number = kTwoPi / length;
    wave.amplitude = options.roughness * kSlope / wave.wave_number;
    wave.phase = random.uniform(0, kTwoPi);
  }
  return waves;
}

// Areas of grains, px², that fill `total`.
std::vector<double> draw_areas(const PolycrystalOptions& options, double total, core::RandomStream& random) {
  const double median = options.grain_size_px * std::exp(-options.spread * options.spread / 2);
  std::vector<double> areas;
  double sum = 0;
  while (sum < total) {
    const double diameter = median * std::exp(options.spread * random.normal());
    areas.push_back(std::numbers::pi / 4 * diameter * diameter);
    sum += areas.back();
  }
  for (double& area : areas) area *= total / sum;
  return areas;
}

// A seed without a cell, put where it will have one of about half its area: on a corner of another cell,
// where all others are farthest by power. Small grains so lie at junctions of large ones.
WeightedSeed nucleate(double area, const std::vector<PowerCell>& cells,
                      const std::vector<WeightedSeed>& seeds, core::RandomStream& random) {
  std::size_t host = random.below(cells.size());
  while (cells[host].corners.empty()) host = random.below(cells.size());
  const Point corner = cells[host].corners[random.below(cells[host].corners.size())];
  const Point apart = corner - seeds[host].position;
  return {corner, area / (2 * std::numbers::pi) + seeds[host].weight - dot(apart, apart)};
}

std::vector<WeightedSeed> place_seeds(const std::vector<double>& areas, Point extent,
                                      core::RandomStream& random) {
  constexpr int kMoves = 10,
                kRounds = 20;  // seeds at rest in the last rounds: areas then come within some 15 %
  // dA/dw of a regular hexagon is √3: six sides of d/√3, each moving by 1/2d. Damped, for its neighbours move
  // too.
  constexpr double kWeightForArea = 0.7 / std::numbers::sqrt3;
  std::vector<WeightedSeed> seeds;
  for (const double area : areas) {
    const double x = random.uniform(0, extent.x), y = random.uniform(0, extent.y);
    seeds.push_back({{x, y}, area / std::numbers::pi});
  }
  for (int round = 0; round < kRounds; ++round) {
    const auto cells = power_cells(seeds, extent.x, extent.y);
    const auto before = seeds;
    for (std::size_t i = 0; i < seeds.size(); ++i) {
      if (cells[i].corners.empty()) {
        seeds[i] = nucleate(areas[i], cells, before, random);
        continue;
      }
      if (round < kMoves) seeds[i].position = cells[i].centroid();
      seeds[i].weight += kWeightForArea * (areas[i] - cells[i].area());
    }
  }
  return seeds;
}

std::vector<Point> subdivide(Point from, Point to, double step) {
  const Point along = to - from;
  const auto parts = static_cast<int>(std::ceil(std::max(std::hypot(along.x, along.y) / step, 1.0)));
  std::vector<Point> points;
  for (int i = 0; i < parts; ++i) points.push_back(from + static_cast<double>(i) / parts * along);
  points.push_back(to);
  return points;
}

}  // namespace

Polycrystal make_polycrystal(const PolycrystalOptions& options, core::RandomStream& random) {
  const auto waves = draw_waves(options, random);
  // Grains at the rim meet it squarely: it must stay out of sight, wherever the waves move it.
  double margin = 2 * options.grain_size_px;
  for (const ShearWave& wave : waves) margin += wave.amplitude;
  const Point extent{options.width_px + 2 * margin, options.height_px + 2 * margin};
  const auto seeds = place_seeds(draw_areas(options, extent.x * extent.y, random), extent, random);
  const auto diagram = laguerre_tessellation(seeds, extent.x, extent.y);

  const auto in_place = [&](Point p) {
    p = p - Point{margin, margin};
    for (const ShearWave& wave : waves) p = wave(p);
    return p;
  };
  Polycrystal made{options.width_px, options.height_px, static_cast<int>(seeds.size()), {}, {}};
  const auto in_window = [&](Point p) {
    return p.x >= 0 && p.y >= 0 && p.x <= made.width_px && p.y <= made.height_px;
  };
  for (const CellEdge& edge : diagram.edges) {
    const Point from = diagram.vertices[static_cast<std::size_t>(edge.from)];
    const Point to = diagram.vertices[static_cast<std::size_t>(edge.to)];
    GrainBoundary boundary{subdivide(from, to, options.roughness > 0 ? kStep : INFINITY), edge.cell,
                           edge.other};
    for (Point& point : boundary.points) point = in_place(point);
    made.boundaries.push_back(std::move(boundary));
  }
  const auto degrees = diagram.vertex_degrees();
  for (std::size_t i = 0; i < degrees.size(); ++i)
    if (const Point p = in_place(diagram.vertices[i]); degrees[i] >= 3 && in_window(p))
      made.triple_junctions.push_back(p);
  return made;
}

// Liang and Barsky 1984.
double length_in_window(Point from, Point to, double width, double height) {
  const Point along = to - from;
  double enter = 0, leave = 1;
  const auto cut = [&](double start, double step, double size) {
    if (step == 0) {
      if (start < 0 || start > size) leave = -1;
      return;
    }
    const double low = -start / step, high = (size - start) / step;
    enter = std::max(enter, std::min(low, high));
    leave = std::min(leave, std::max(low, high));
  };
  cut(from.x, along.x, width);
  cut(from.y, along.y, height);
  return std::max(leave - enter, 0.0) * std::hypot(along.x, along.y);
}

double Polycrystal::boundary_length() const {
  double length = 0;
  for (const GrainBoundary& boundary : boundaries)
    for (std::size_t i = 1; i < boundary.points.size(); ++i)
      length += length_in_window(boundary.points[i - 1], boundary.points[i], width_px, height_px);
  return length;
}

}  // namespace tessera::microstructure
