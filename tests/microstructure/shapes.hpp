// SPDX-License-Identifier: Apache-2.0
// Masks whose lengths and counts are known exactly, drawn from their equations: a pixel is set where its
// centre is at most half a width from the line.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <vector>

#include "core/random.hpp"
#include "microstructure/raster.hpp"

namespace tessera::test {

using microstructure::Mask;

template <typename Predicate>
Mask draw_where(int height, int width, Predicate&& is_set) {
  Mask mask(height, width);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) mask(y, x) = is_set(y, x);
  return mask;
}

/// A straight band through (y, x), `degrees` from the x axis, from edge to edge of the picture.
inline Mask draw_line(int size, double y, double x, double degrees, double line_width) {
  const double angle = degrees * std::numbers::pi / 180;
  return draw_where(size, size, [&](int py, int px) {
    return std::abs((py - y) * std::cos(angle) - (px - x) * std::sin(angle)) <= line_width / 2;
  });
}

/// How much of that line's middle lies in the picture, which reaches half a pixel beyond the outermost
/// centres.
inline double line_length(int size, double y, double x, double degrees) {
  const double angle = degrees * std::numbers::pi / 180, dy = std::sin(angle), dx = std::cos(angle);
  double begin = -4.0 * size, end = 4.0 * size;
  for (const auto& [at, slope] : {std::pair{y, dy}, std::pair{x, dx}}) {
    if (std::abs(slope) < 1e-12) continue;
    const double a = (-0.5 - at) / slope, b = (size - 0.5 - at) / slope;
    begin = std::max(begin, std::min(a, b));
    end = std::min(end, std::max(a, b));
  }
  return end - begin;
}

inline Mask draw_ring(int size, double y, double x, double radius, double line_width) {
  return draw_where(size, size, [&](int py, int px) {
    return std::abs(std::hypot(py - y, px - x) - radius) <= line_width / 2;
  });
}

struct Seed {
  double y, x;
};

/// A Voronoi mosaic in a square picture: its boundary mask, and what is exactly true of it.
struct Mosaic {
  Mask mask;
  std::vector<Seed> seeds;
  double length = 0;  // of all boundaries inside the picture
};

inline std::vector<Seed> scatter_seeds(int size, int count, std::uint64_t number) {
  core::RandomStream random(number, "seeds of a mosaic");
  std::vector<Seed> seeds;
  while (std::ssize(seeds) < count) {
    const Seed next{random.uniform(-0.5, size - 0.5), random.uniform(-0.5, size - 0.5)};
    // Apart by half the mean distance: no grain is thinner than its boundary.
    const double apart = 0.5 * size / std::sqrt(count);
    if (std::ranges::none_of(seeds, [&](Seed s) { return std::hypot(s.y - next.y, s.x - next.x) < apart; }))
      seeds.push_back(next);
  }
  return seeds;
}

/// What of the bisector of seeds a and b is a boundary inside the picture: cut by every other bisector.
inline double bisector_length(int size, const std::vector<Seed>& seeds, std::size_t a, std::size_t b) {
  const Seed p = seeds[a], q = seeds[b];
  const double apart = std::hypot(q.y - p.y, q.x - p.x);
  const Seed middle{(p.y + q.y) / 2, (p.x + q.x) / 2}, way{(q.x - p.x) / apart, -(q.y - p.y) / apart};
  double begin = -4.0 * size, end = 4.0 * size;
  // Keeps the t at which value + slope · t <= 0.
  const auto cut = [&](double value, double slope) {
    if (std::abs(slope) < 1e-12)
      end = value > 0 ? begin : end;
    else if (slope > 0)
      end = std::min(end, -value / slope);
    else
      begin = std::max(begin, -value / slope);
  };
  cut(middle.y - (size - 0.5), way.y), cut(-0.5 - middle.y, -way.y);
  cut(middle.x - (size - 0.5), way.x), cut(-0.5 - middle.x, -way.x);
  for (std::size_t c = 0; c < seeds.size(); ++c) {
    if (c == a || c == b) continue;
    // |point − p|² <= |point − seed|²
    const double dy = seeds[c].y - p.y, dx = seeds[c].x - p.x;
    const double half = (seeds[c].y * seeds[c].y + seeds[c].x * seeds[c].x - p.y * p.y - p.x * p.x) / 2;
    cut(middle.y * dy + middle.x * dx - half, way.y * dy + way.x * dx);
  }
  return std::max(0.0, end - begin);
}

inline Mosaic draw_mosaic(int size, int num_seeds, double line_width, std::uint64_t number) {
  Mosaic mosaic{.mask = {}, .seeds = scatter_seeds(size, num_seeds, number)};
  const auto& seeds = mosaic.seeds;
  for (std::size_t a = 0; a < seeds.size(); ++a)
    for (std::size_t b = a + 1; b < seeds.size(); ++b) mosaic.length += bisector_length(size, seeds, a, b);
  mosaic.mask = draw_where(size, size, [&](int y, int x) {
    const auto square = [&](Seed s) { return (s.y - y) * (s.y - y) + (s.x - x) * (s.x - x); };
    const Seed nearest = *std::ranges::min_element(seeds, {}, square);
    const double least = square(nearest);
    // The distance to the bisector with any other seed: the nearest boundary's is the least of them.
    return std::ranges::any_of(seeds, [&](Seed s) {
      const double apart = std::hypot(s.y - nearest.y, s.x - nearest.x);
      return apart > 0 && (square(s) - least) / (2 * apart) <= line_width / 2;
    });
  });
  return mosaic;
}

}  // namespace tessera::test
