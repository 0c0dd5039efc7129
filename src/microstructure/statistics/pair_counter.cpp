// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/pair_counter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>

#include "core/error.hpp"

namespace tessera::microstructure {
namespace {

// A float's transform of so many cells leaves counts that are clearly whole; checked all the same.
constexpr std::int64_t kMostCellsOfFloats = 1 << 22;
constexpr double kClearlyWhole = 0.2;

// A size of small prime factors, for which the transform is quick.
std::int64_t quick_size(std::int64_t at_least) {
  for (std::int64_t size = at_least;; ++size) {
    std::int64_t rest = size;
    for (const std::int64_t prime : {2, 3, 5, 7})
      while (rest % prime == 0) rest /= prime;
    if (rest == 1) return size;
  }
}

// `inside` where the map is of `phase`, `outside` elsewhere, 0 in the padding.
template <typename T>
void set_indicator(const PhaseMap& map, int phase, const GridSize& padded, T inside, T outside, T* values) {
  if (padded != map.size) std::fill_n(values, padded[0] * padded[1] * padded[2], T{0});
  const auto* label = map.labels.data();
  for (std::int64_t z = 0; z < map.size[0]; ++z)
    for (std::int64_t y = 0; y < map.size[1]; ++y) {
      T* row = values + (z * padded[1] + y) * padded[2];
      for (std::int64_t x = 0; x < map.size[2]; ++x) row[x] = *label++ == phase ? inside : outside;
    }
}

// Leaves in the transform, times the number of its cells, how many pairs lie in both phases, less
// cells · shift_a · shift_b: what is taken off the indicators makes a float's rounding small. Only where the
// grid is the map's may they be other than 0.
template <typename T>
void correlate(RealTransform<T>& transform, const PhaseMap& map, int phase_a, int phase_b,
               const GridSize& grid, double shift_a, double shift_b) {
  const auto transform_phase = [&](int phase, double shift) {
    set_indicator(map, phase, grid, static_cast<T>(1 - shift), static_cast<T>(-shift), transform.real());
    transform.to_spectrum();
  };
  std::complex<T>* spectrum = transform.spectrum();
  transform_phase(phase_a, shift_a);
  if (phase_a == phase_b) {
    for (std::int64_t k = 0; k < transform.modes(); ++k) spectrum[k] = std::norm(spectrum[k]);
  } else {
    const std::vector<std::complex<T>> of_a(spectrum, spectrum + transform.modes());
    transform_phase(phase_b, shift_b);
    for (std::int64_t k = 0; k < transform.modes(); ++k)
      spectrum[k] *= std::conj(of_a[static_cast<std::size_t>(k)]);
  }
  transform.to_real();
}

// Length of the vector at place i of an axis, forwards or backwards.
std::int64_t distance(std::int64_t i, std::int64_t size) {
  return std::min(i, size - i);
}

// By their length, the mean of `count(place)` over possible pairs; where the count of a vector is that of the
// one backwards (`is_even`), half of them are looked at. A vector's bin is found by the square of its length.
std::vector<double> mean_by_length(const GridSize& size, const GridSize& map_size, Border border,
                                   std::int64_t reach, bool is_even, const auto& count) {
  const auto bins = static_cast<std::size_t>(reach + 1);
  const std::int64_t farthest = reach * reach + reach;  // its root rounds to reach still
  std::vector<std::int32_t> bin_of(static_cast<std::size_t>(farthest + 1));
  for (std::size_t square = 0; square < bin_of.size(); ++square)
    bin_of[square] = static_cast<std::int32_t>(std::lround(std::sqrt(static_cast<double>(square))));
  std::array<std::vector<double>, 3> of_pair;  // one over the pairs so far apart along an axis
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (std::int64_t d = 0; d <= size[axis] / 2; ++d)
      of_pair[axis].push_back(
          1.0 / static_cast<double>(border == Border::Open ? map_size[axis] - d : map_size[axis]));

  std::vector<double> sum(bins), number(bins);
  for (std::int64_t z = 0; z < size[0]; ++z)
    for (std::int64_t y = 0; y < size[1]; ++y) {
      const std::int64_t dz = distance(z, size[0]), dy = distance(y, size[1]), square = dz * dz + dy * dy;
      if (square > farthest) continue;
      const double of_row =
          of_pair[0][static_cast<std::size_t>(dz)] * of_pair[1][static_cast<std::size_t>(dy)];
      const std::int64_t row = (z * size[1] + y) * size[2];
      for (std::int64_t dx = 0; dx <= size[2] / 2 && square + dx * dx <= farthest; ++dx) {
        const auto bin = static_cast<std::size_t>(bin_of[static_cast<std::size_t>(square + dx * dx)]);
        const std::int64_t back = size[2] - dx;  // the same length backwards, where it is another vector
        const bool has_back = dx != 0 && back != dx;
        double pairs = count(row + dx);
        if (has_back) pairs += is_even ? pairs : count(row + back);
        sum[bin] += pairs * of_row * of_pair[2][static_cast<std::size_t>(dx)];
        number[bin] += has_back ? 2 : 1;
      }
    }
  for (std::size_t bin = 0; bin < bins; ++bin) sum[bin] /= std::max(1.0, number[bin]);
  return sum;
}

}  // namespace

PairCounter::PairCounter(const GridSize& map_size, Border border, std::int64_t reach, Planning planning)
    : map_size_(map_size), vectors_(map_size), border_(border), reach_(reach), planning_(planning) {
  const std::int64_t cells = map_size[0] * map_size[1] * map_size[2];
  if (cells == 0) throw core::InputError("a phase map must have at least one cell");
  if (border == Border::Open)
    for (auto& extent : vectors_)
      if (extent > 1) extent = quick_size(extent + std::min(reach, extent - 1));
  if (border == Border::Periodic && cells <= kMostCellsOfFloats)
    floats_ = std::make_unique<RealTransform<float>>(vectors_, planning);
}

PairCounter::~PairCounter() = default;

// `use` is given a function from a vector's place to its count, and used again should the first have been
// too rough.
void PairCounter::with_counts(const PhaseMap& map, int phase_a, int phase_b, const auto& use) {
  if (map.size != map_size_) throw core::InternalError("a phase map of another size than its pair counter");
  if (floats_) {
    const double cells = static_cast<double>(map.num_cells());
    const double a = phase_fraction(map, phase_a), b = phase_a == phase_b ? a : phase_fraction(map, phase_b);
    correlate(*floats_, map, phase_a, phase_b, vectors_, a, b);
    const float* values = floats_->real();
    const double scale = 1 / cells, taken_off = cells * a * b;
    double farthest = 0;  // from a whole number
    use([&](std::int64_t i) {
      const double value = values[i] * scale + taken_off, whole = std::nearbyint(value);
      farthest = std::max(farthest, std::abs(value - whole));
      return whole;
    });
    if (farthest <= kClearlyWhole) return;
  }
  if (!doubles_) doubles_ = std::make_unique<RealTransform<double>>(vectors_, planning_);
  correlate(*doubles_, map, phase_a, phase_b, vectors_, 0, 0);
  const double* values = doubles_->real();
  const double scale = 1.0 / static_cast<double>(doubles_->cells());
  use([&](std::int64_t i) { return std::nearbyint(values[i] * scale); });
}

PairCounts PairCounter::count(const PhaseMap& map, int phase_a, int phase_b) {
  PairCounts counts{.size = vectors_, .pairs = {}};
  counts.pairs.resize(static_cast<std::size_t>(vectors_[0] * vectors_[1] * vectors_[2]));
  with_counts(map, phase_a, phase_b, [&](const auto& count_at) {
    for (std::size_t i = 0; i < counts.pairs.size(); ++i)
      counts.pairs[i] = count_at(static_cast<std::int64_t>(i));
  });
  return counts;
}

std::vector<double> PairCounter::correlation(const PhaseMap& map, int phase_a, int phase_b) {
  std::vector<double> means;
  with_counts(map, phase_a, phase_b, [&](const auto& count_at) {
    means = mean_by_length(vectors_, map_size_, border_, reach_, phase_a == phase_b, count_at);
  });
  return means;
}

std::vector<double> radial_mean(const PairCounts& counts, const GridSize& map_size, Border border,
                                std::int64_t reach) {
  return mean_by_length(counts.size, map_size, border, reach, false,
                        [&](std::int64_t i) { return counts.pairs[static_cast<std::size_t>(i)]; });
}

}  // namespace tessera::microstructure
