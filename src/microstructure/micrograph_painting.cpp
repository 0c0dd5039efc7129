// SPDX-License-Identifier: Apache-2.0
#include "microstructure/micrograph_painting.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace tessera::microstructure {
namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;

double length_of(const GrainBoundary& boundary) {
  double length = 0;
  for (std::size_t i = 1; i < boundary.points.size(); ++i) {
    const Point along = boundary.points[i] - boundary.points[i - 1];
    length += std::hypot(along.x, along.y);
  }
  return length;
}

// A groove: how dark at each px along its boundary, and how wide.
struct Groove {
  std::vector<float> depth;
  float width;  // px, standard deviation across
};

Groove draw_groove(double length, const Etching& etching, core::RandomStream& random) {
  constexpr double kBright = 1.0 / 6;
  constexpr double kSpread = 0.5;  // of the logarithm of the depth
  const auto depth = [&](double middle) {
    return middle * std::exp(kSpread * random.normal() - kSpread * kSpread / 2);
  };
  const double own = (random.uniform() < kBright ? -1 : 1) * depth(etching.contrast);
  Groove groove{{}, static_cast<float>(random.uniform(0.6, 1.4))};
  const auto pixels = static_cast<std::size_t>(length) + 2;
  while (groove.depth.size() < pixels) {  // stretch by stretch
    const auto stretch = static_cast<std::size_t>(random.uniform(4, 24));
    const double etched = random.uniform() < etching.gaps ? 0 : depth(own);
    groove.depth.insert(groove.depth.end(), stretch, static_cast<float>(etched));
  }
  return groove;
}

struct Ellipse {
  Point centre, axis;  // the long axis' direction, length 1
  double half_length, half_width;
};

void fill(Mask& mask, const Ellipse& ellipse) {
  const int reach = static_cast<int>(ellipse.half_length) + 2;
  const int row = static_cast<int>(ellipse.centre.y), column = static_cast<int>(ellipse.centre.x);
  for (int y = std::max(row - reach, 0); y < std::min(row + reach, mask.height()); ++y)
    for (int x = std::max(column - reach, 0); x < std::min(column + reach, mask.width()); ++x) {
      const Point from_centre = Point{x + 0.5, y + 0.5} - ellipse.centre;
      if (std::hypot(dot(from_centre, ellipse.axis) / ellipse.half_length,
                     cross(from_centre, ellipse.axis) / ellipse.half_width) <= 1)
        mask(y, x) = 1;
    }
}

int draw_count(double mean_on_256, const Raster<float>& grey, core::RandomStream& random) {
  const double mean = mean_on_256 * static_cast<double>(grey.size()) / (256.0 * 256.0);
  return static_cast<int>(std::floor(mean * random.uniform(0.5, 1.5) + random.uniform()));
}

Point draw_point(const Raster<float>& grey, core::RandomStream& random) {
  const double x = random.uniform(0, grey.width()), y = random.uniform(0, grey.height());
  return {x, y};
}

std::size_t mirrored(int i, int size) {
  const int period = 2 * size;
  const int in_period = (i % period + period) % period;
  return static_cast<std::size_t>(in_period < size ? in_period : period - 1 - in_period);
}

}  // namespace

void etch_boundaries(Raster<float>& grey, const Polycrystal& polycrystal, const NearestBoundary& near,
                     const Etching& etching, core::RandomStream& random) {
  std::vector<Groove> grooves;
  for (const auto& boundary : polycrystal.boundaries)
    grooves.push_back(draw_groove(length_of(boundary), etching, random));
  for (int y = 0; y < grey.height(); ++y)
    for (int x = 0; x < grey.width(); ++x) {
      const float distance = near.distance(y, x);
      if (distance > kGrooveReach) continue;
      const Groove& groove = grooves[static_cast<std::size_t>(near.boundary(y, x))];
      const float across = distance / groove.width;
      grey(y, x) -= groove.depth[static_cast<std::size_t>(near.arc(y, x))] * std::exp(-across * across / 2);
    }
}

Mask draw_precipitates(const Polycrystal& polycrystal, double share, double mean_length,
                       core::RandomStream& random) {
  constexpr double kSpread = 0.3;  // of the logarithm of the length
  Mask mask(static_cast<int>(polycrystal.height_px), static_cast<int>(polycrystal.width_px));
  const double mean_free = mean_length * (1 - share) / share;
  for (const GrainBoundary& boundary : polycrystal.boundaries) {
    double arc = 0;        // where the present segment begins
    double next_free = 0;  // from where on the boundary is bare
    double length = 0;
    double centre = -1;
    const auto draw_next = [&] {
      length = mean_length * std::exp(kSpread * random.normal() - kSpread * kSpread / 2);
      centre = next_free - mean_free * std::log(1 - random.uniform()) + length / 2;
      next_free = centre + length / 2;
    };
    draw_next();
    for (std::size_t i = 1; i < boundary.points.size(); ++i) {
      const Point a = boundary.points[i - 1], along = boundary.points[i] - a;
      const double segment = std::hypot(along.x, along.y);
      for (; centre < arc + segment; draw_next()) {
        const Point on_boundary = a + (centre - arc) / segment * along;
        fill(mask, {on_boundary, 1 / segment * along, length / 2, length / 2 * random.uniform(0.35, 0.75)});
      }
      arc += segment;
    }
  }
  return mask;
}

void add_pits(Raster<float>& grey, double count, core::RandomStream& random) {
  for (int pit = draw_count(count, grey, random); pit > 0; --pit) {
    const Point centre = draw_point(grey, random);
    const double radius = random.uniform(0.4, 1.6), depth = random.uniform(0.05, 0.4);
    const int row = static_cast<int>(centre.y), column = static_cast<int>(centre.x);
    for (int y = row - 4; y <= row + 4; ++y)
      for (int x = column - 4; x <= column + 4; ++x)
        if (grey.contains(y, x)) {
          const Point apart = 1 / radius * (Point{x + 0.5, y + 0.5} - centre);
          grey(y, x) -= static_cast<float>(depth * std::exp(-dot(apart, apart)));
        }
  }
}

void add_blotches(Raster<float>& grey, double strength, core::RandomStream& random) {
  constexpr int kSpacing = 8;  // px between the nodes that are drawn
  Raster<float> nodes(grey.height() / kSpacing + 2, grey.width() / kSpacing + 2);
  for (float& node : nodes.values()) node = static_cast<float>(1.5 * strength * random.normal());
  for (int y = 0; y < grey.height(); ++y)
    for (int x = 0; x < grey.width(); ++x) {
      const int row = y / kSpacing, column = x / kSpacing;
      const float v = static_cast<float>(y % kSpacing) / kSpacing,
                  u = static_cast<float>(x % kSpacing) / kSpacing;
      grey(y, x) += (1 - v) * ((1 - u) * nodes(row, column) + u * nodes(row, column + 1)) +
                    v * ((1 - u) * nodes(row + 1, column) + u * nodes(row + 1, column + 1));
    }
}

void add_scratches(Raster<float>& grey, double count, core::RandomStream& random) {
  for (int scratch = draw_count(count, grey, random); scratch > 0; --scratch) {
    const Point middle = draw_point(grey, random);
    const double angle = random.uniform(0, kTwoPi);
    const double half_length = random.uniform(0.1, 0.6) * std::max(grey.width(), grey.height());
    const double width = random.uniform(0.4, 1.1);
    const double depth = (random.uniform() < 0.5 ? -1 : 1) * random.uniform(0.02, 0.1);
    const Point along{std::cos(angle), std::sin(angle)};
    const Point reach{half_length * std::abs(along.x) + 4, half_length * std::abs(along.y) + 4};
    const bool steep = std::abs(along.y) > std::abs(along.x);  // then row by row, else column by column
    const int lines = steep ? grey.height() : grey.width();
    const double line_of_middle = steep ? middle.y : middle.x, line_reach = steep ? reach.y : reach.x;
    const int first = std::max(static_cast<int>(line_of_middle - line_reach), 0);
    const int last = std::min(static_cast<int>(line_of_middle + line_reach), lines - 1);
    for (int line = first; line <= last; ++line) {
      const double on_line = steep ? middle.x + (line + 0.5 - middle.y) * along.x / along.y
                                   : middle.y + (line + 0.5 - middle.x) * along.y / along.x;
      for (int across = static_cast<int>(on_line) - 4; across <= static_cast<int>(on_line) + 4; ++across) {
        const int y = steep ? line : across, x = steep ? across : line;
        if (!grey.contains(y, x)) continue;
        const Point apart = Point{x + 0.5, y + 0.5} - middle;
        const double off = cross(along, apart) / width, from_middle = dot(along, apart) / half_length;
        if (std::abs(from_middle) < 1)  // fading out towards its ends
          grey(y, x) -=
              static_cast<float>(depth * (1 - from_middle * from_middle) * std::exp(-off * off / 2));
      }
    }
  }
}

void add_uneven_light(Raster<float>& grey, double strength, core::RandomStream& random) {
  std::array<double, 5> factors;
  for (double& factor : factors) factor = strength / 2 * random.normal();
  for (int y = 0; y < grey.height(); ++y)
    for (int x = 0; x < grey.width(); ++x) {
      const double u = 2 * (x + 0.5) / grey.width() - 1, v = 2 * (y + 0.5) / grey.height() - 1;
      const double more =
          factors[0] * u + factors[1] * v + factors[2] * u * v + factors[3] * u * u + factors[4] * v * v;
      grey(y, x) *= static_cast<float>(1 + more);
    }
}

void blur(Raster<float>& grey, double sigma) {
  if (sigma == 0) return;
  const int reach = static_cast<int>(std::ceil(3 * sigma));
  std::vector<float> weights;
  double sum = 0;
  for (int i = -reach; i <= reach; ++i) {
    weights.push_back(static_cast<float>(std::exp(-0.5 * i * i / (sigma * sigma))));
    sum += weights.back();
  }
  for (float& weight : weights) weight /= static_cast<float>(sum);
  Raster<float> rows(grey.height(), grey.width());
  std::vector<float> line(static_cast<std::size_t>(grey.width() + 2 * reach));
  for (int y = 0; y < grey.height(); ++y) {
    for (int x = -reach; x < grey.width() + reach; ++x)
      line[static_cast<std::size_t>(x + reach)] = grey.row(y)[mirrored(x, grey.width())];
    for (std::size_t i = 0; i < weights.size(); ++i)
      for (int x = 0; x < grey.width(); ++x) rows(y, x) += weights[i] * line[static_cast<std::size_t>(x) + i];
  }
  for (int y = 0; y < grey.height(); ++y) {
    std::fill_n(grey.row(y), grey.width(), 0.0f);
    for (int i = -reach; i <= reach; ++i) {
      const float weight = weights[static_cast<std::size_t>(i + reach)];
      const float* from = rows.row(static_cast<int>(mirrored(y + i, grey.height())));
      for (int x = 0; x < grey.width(); ++x) grey(y, x) += weight * from[x];
    }
  }
}

void add_noise(Raster<float>& grey, double noise, core::RandomStream& random) {
  if (noise == 0) return;
  for (float& level : grey.values()) {
    const double variance = 0.5 + std::max(level, 0.0f);  // 1 at mid-grey
    level += static_cast<float>(noise * std::sqrt(variance) * random.normal());
  }
}

}  // namespace tessera::microstructure
