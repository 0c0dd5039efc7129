// SPDX-License-Identifier: Apache-2.0
#include "microstructure/synthetic_phases.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <vector>

#include "core/error.hpp"
#include "core/random.hpp"

namespace tessera::microstructure {
namespace {

using std::numbers::pi;

constexpr int kWaves = 256;  // of a random field; their sum is Gaussian to the eye from some fifty on

// A sum of waves that fit the square, of Gaussian wave vectors and random phases.
std::vector<double> random_field(const SyntheticPhasesOptions& options, core::RandomStream& random) {
  const auto size = static_cast<int>(options.size_px);
  std::vector<double> field(static_cast<std::size_t>(size) * static_cast<std::size_t>(size));
  // Waves in the square: features of half a wave's length are as wide as asked for.
  const double typical = size / (2 * options.feature_px);
  for (int wave = 0; wave < kWaves; ++wave) {
    const double along_x = std::round(typical / options.elongation * random.normal());
    const double along_y = std::round(typical * random.normal());
    const double phase = 2 * pi * random.uniform();
    const double step = 2 * pi * along_x / size, turn_cos = std::cos(step), turn_sin = std::sin(step);
    for (int y = 0; y < size; ++y) {
      const double start = phase + 2 * pi * along_y * y / size;
      double c = std::cos(start), s = std::sin(start);
      double* row = field.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(size);
      for (int x = 0; x < size; ++x) {
        row[x] += c;
        const double next = c * turn_cos - s * turn_sin;
        s = s * turn_cos + c * turn_sin;
        c = next;
      }
    }
  }
  return field;
}

// Phase 1 where the field is highest: exactly the fraction, to the pixel.
void cut_field(const SyntheticPhasesOptions& options, double fraction, core::RandomStream& random,
               PhaseMap& map) {
  const auto field = random_field(options, random);
  std::vector<std::size_t> order(field.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto count = std::lround(fraction * static_cast<double>(field.size()));
  const auto cut = order.begin() + count;
  std::nth_element(order.begin(), cut, order.end(), [&](auto a, auto b) { return field[a] > field[b]; });
  for (auto place = order.begin(); place != cut; ++place) map.labels[*place] = 1;
}

// Sets what lies in shapes, over the borders, and counts it.
class Painter {
 public:
  explicit Painter(PhaseMap& map) : map_(map), size_(map.size[2]) {}

  double fraction() const { return static_cast<double>(set_) / static_cast<double>(map_.num_cells()); }

  /// Half axes in px, `angle` from the x axis.
  void ellipse(double x, double y, double along, double across, double angle) {
    const double c = std::cos(angle), s = std::sin(angle);
    const auto reach = static_cast<std::int64_t>(std::ceil(std::max(along, across)));
    const auto middle_x = static_cast<std::int64_t>(std::floor(x)),
               middle_y = static_cast<std::int64_t>(std::floor(y));
    for (std::int64_t py = middle_y - reach; py <= middle_y + reach; ++py)
      for (std::int64_t px = middle_x - reach; px <= middle_x + reach; ++px) {
        const double dx = static_cast<double>(px) - x, dy = static_cast<double>(py) - y;
        const double u = (c * dx + s * dy) / along, v = (c * dy - s * dx) / across;
        if (u * u + v * v <= 1) set(px, py);
      }
  }

 private:
  void set(std::int64_t x, std::int64_t y) {
    const auto wrapped = [&](std::int64_t i) { return (i % size_ + size_) % size_; };
    auto& label = map_.labels[static_cast<std::size_t>(wrapped(y) * size_ + wrapped(x))];
    set_ += label == 0;
    label = 1;
  }

  PhaseMap& map_;
  std::int64_t size_, set_ = 0;
};

void drop_discs(const SyntheticPhasesOptions& options, double fraction, core::RandomStream& random,
                PhaseMap& map) {
  const auto size = static_cast<double>(options.size_px);
  Painter painter(map);
  while (painter.fraction() < fraction) {
    const double radius = options.feature_px / 2 * std::exp(0.3 * random.normal());
    const double x = random.uniform(0, size), y = random.uniform(0, size);
    painter.ellipse(x, y, radius * options.elongation, radius, 0);
  }
}

// A crack goes down from where it starts, now to one side, now to the other.
void drop_crack(const SyntheticPhasesOptions& options, core::RandomStream& random, Painter& painter) {
  const auto size = static_cast<double>(options.size_px);
  double x = random.uniform(0, size), y = random.uniform(0, size), lean = 0;
  const double half_width = random.uniform(0.6, 1.2), length = options.feature_px * random.uniform(1.5, 4);
  for (double gone = 0; gone < length; gone += 0.5, y += 0.5) {
    painter.ellipse(x, y, half_width, half_width, 0);
    lean = 0.9 * lean + 0.2 * random.normal();
    x += 0.5 * lean;
  }
}

void spray_coating(const SyntheticPhasesOptions& options, double fraction, core::RandomStream& random,
                   PhaseMap& map) {
  const auto size = static_cast<double>(options.size_px);
  Painter painter(map);
  while (painter.fraction() < fraction) {
    const double kind = random.uniform(), x = random.uniform(0, size), y = random.uniform(0, size);
    const double width = options.feature_px * std::exp(0.4 * random.normal());
    if (kind < 0.3) {  // a globular pore
      const double roundness = random.uniform(0.6, 1), angle = random.uniform(0, pi);
      painter.ellipse(x, y, width / 2, width / 2 * roundness, angle);
    } else if (kind < 0.8) {  // between two splats
      const double half_height = random.uniform(0.7, 1.5), angle = 0.15 * random.normal();
      painter.ellipse(x, y, width * options.elongation, half_height, angle);
    } else {
      drop_crack(options, random, painter);
    }
  }
}

}  // namespace

void SyntheticPhasesOptions::check() const {
  const auto refuse = [](const char* what, const char* must, double got) {
    throw core::InputError(fmt::format("{} must be {}, got {}", what, must, got));
  };
  if (size_px < 16 || size_px > 16384) refuse("the size", "16 to 16384 px", static_cast<double>(size_px));
  if (!(low_fraction > 0 && low_fraction < 0.9))
    refuse("the least fraction", "above 0 and below 0.9", low_fraction);
  if (!(high_fraction >= low_fraction && high_fraction < 0.9))
    refuse("the greatest fraction", "at least the least and below 0.9", high_fraction);
  if (!(feature_px >= 2 && feature_px <= static_cast<double>(size_px) / 4))
    refuse("the feature size", "2 px to a quarter of the size", feature_px);
  if (!(elongation >= 1 && elongation <= 20)) refuse("the elongation", "1 to 20", elongation);
}

SyntheticPhases make_synthetic_phases(const SyntheticPhasesOptions& options, std::uint64_t seed,
                                      std::int64_t index) {
  core::RandomStream random(seed, "synthetic phases", static_cast<std::uint64_t>(index));
  SyntheticPhases made{.id = fmt::format("phases-{:06}", index), .map = {}};
  made.map.size = {1, options.size_px, options.size_px};
  made.map.labels.resize(static_cast<std::size_t>(made.map.num_cells()));
  const double fraction = random.uniform(options.low_fraction, options.high_fraction);
  switch (options.kind) {
    case PhaseKind::Field: cut_field(options, fraction, random, made.map); break;
    case PhaseKind::Discs: drop_discs(options, fraction, random, made.map); break;
    case PhaseKind::Coating: spray_coating(options, fraction, random, made.map); break;
  }
  return made;
}

}  // namespace tessera::microstructure
