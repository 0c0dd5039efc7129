// SPDX-License-Identifier: Apache-2.0
#include "microstructure/statistics/two_point_correlation.hpp"

#include <fftw3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <memory>
#include <mutex>
#include <numbers>

#include "core/error.hpp"

namespace tessera::microstructure {
namespace {

using Complex = std::complex<double>;

struct FreeFftw {
  void operator()(void* memory) const { fftw_free(memory); }
};
template <typename T>
using Aligned = std::unique_ptr<T[], FreeFftw>;

template <typename T>
Aligned<T> allocate(std::int64_t count) {
  return Aligned<T>(static_cast<T*>(fftw_malloc(static_cast<std::size_t>(count) * sizeof(T))));
}

fftw_complex* raw(Aligned<Complex>& values) {
  return reinterpret_cast<fftw_complex*>(values.get());
}

// A size of small prime factors, for which the transform is quick.
std::int64_t quick_size(std::int64_t at_least) {
  for (std::int64_t size = at_least;; ++size) {
    std::int64_t rest = size;
    for (const std::int64_t prime : {2, 3, 5, 7})
      while (rest % prime == 0) rest /= prime;
    if (rest == 1) return size;
  }
}

// 1 where the map is of `phase`, 0 elsewhere and in the padding.
void set_indicator(const PhaseMap& map, int phase, const GridSize& padded, double* values) {
  if (padded != map.size) std::fill_n(values, padded[0] * padded[1] * padded[2], 0.0);
  const auto* label = map.labels.data();
  for (std::int64_t z = 0; z < map.size[0]; ++z)
    for (std::int64_t y = 0; y < map.size[1]; ++y) {
      double* row = values + (z * padded[1] + y) * padded[2];
      for (std::int64_t x = 0; x < map.size[2]; ++x) row[x] = *label++ == phase ? 1.0 : 0.0;
    }
}

// Length of the vector at place i of an axis, forwards or backwards.
std::int64_t distance(std::int64_t i, std::int64_t size) {
  return std::min(i, size - i);
}

// By their length, the mean of `count(place)` over possible pairs. Rows are gone through once, and a vector's
// bin is looked up by the square of its length.
std::vector<double> mean_by_length(const GridSize& size, const GridSize& map_size, Border border,
                                   std::int64_t reach, const auto& count) {
  const auto bins = static_cast<std::size_t>(reach + 1);
  const std::int64_t farthest = reach * reach + reach;  // its root rounds to reach still
  std::vector<std::int32_t> bin_of(static_cast<std::size_t>(farthest + 1));
  for (std::size_t square = 0; square < bin_of.size(); ++square)
    bin_of[square] = static_cast<std::int32_t>(std::lround(std::sqrt(static_cast<double>(square))));
  std::array<std::vector<double>, 3> possible;  // pairs so far apart along an axis
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (std::int64_t d = 0; d <= size[axis] / 2; ++d)
      possible[axis].push_back(
          static_cast<double>(border == Border::Open ? map_size[axis] - d : map_size[axis]));

  std::vector<double> sum(bins), number(bins);
  for (std::int64_t z = 0; z < size[0]; ++z)
    for (std::int64_t y = 0; y < size[1]; ++y) {
      const std::int64_t dz = distance(z, size[0]), dy = distance(y, size[1]), square = dz * dz + dy * dy;
      if (square > farthest) continue;
      const double of_row =
          possible[0][static_cast<std::size_t>(dz)] * possible[1][static_cast<std::size_t>(dy)];
      const std::int64_t row = (z * size[1] + y) * size[2];
      for (std::int64_t dx = 0; dx <= size[2] / 2 && square + dx * dx <= farthest; ++dx) {
        const auto bin = static_cast<std::size_t>(bin_of[static_cast<std::size_t>(square + dx * dx)]);
        const double pairs = of_row * possible[2][static_cast<std::size_t>(dx)];
        sum[bin] += count(row + dx) / pairs;
        number[bin] += 1;
        const std::int64_t back = size[2] - dx;  // the same length backwards, where it is another vector
        if (dx == 0 || back == dx) continue;
        sum[bin] += count(row + back) / pairs;
        number[bin] += 1;
      }
    }
  for (std::size_t bin = 0; bin < bins; ++bin) sum[bin] /= std::max(1.0, number[bin]);
  return sum;
}

}  // namespace

// A real transform and its inverse over one grid. FFTW's planner is the one part of it that threads may not
// share.
class PairCounter::Transform {
 public:
  Transform(const GridSize& size, Planning planning)
      : cells_(size[0] * size[1] * size[2]),
        modes_(size[0] * size[1] * (size[2] / 2 + 1)),
        real_(allocate<double>(cells_)),
        complex_(allocate<Complex>(modes_)) {
    static std::mutex planner;
    const std::lock_guard lock(planner);
    const unsigned effort = planning == Planning::Measured ? FFTW_MEASURE : FFTW_ESTIMATE;
    const int n[3] = {static_cast<int>(size[0]), static_cast<int>(size[1]), static_cast<int>(size[2])};
    forward_ = fftw_plan_dft_r2c(3, n, real_.get(), raw(complex_), effort);
    backward_ = fftw_plan_dft_c2r(3, n, raw(complex_), real_.get(), effort);
  }
  ~Transform() {
    fftw_destroy_plan(forward_);
    fftw_destroy_plan(backward_);
  }
  Transform(const Transform&) = delete;
  Transform& operator=(const Transform&) = delete;

  std::int64_t cells() const { return cells_; }
  std::int64_t modes() const { return modes_; }
  double* real() { return real_.get(); }
  Complex* spectrum() { return complex_.get(); }
  void to_spectrum() { fftw_execute(forward_); }
  void to_real() { fftw_execute(backward_); }  // times the number of cells

 private:
  std::int64_t cells_, modes_;
  Aligned<double> real_;
  Aligned<Complex> complex_;
  fftw_plan forward_, backward_;
};

PairCounter::PairCounter(const GridSize& map_size, Border border, std::int64_t reach, Planning planning)
    : map_size_(map_size), vectors_(map_size), border_(border), reach_(reach) {
  if (map_size[0] * map_size[1] * map_size[2] == 0)
    throw core::InputError("a phase map must have at least one cell");
  if (border == Border::Open)
    for (auto& extent : vectors_)
      if (extent > 1) extent = quick_size(extent + std::min(reach, extent - 1));
  transform_ = std::make_unique<Transform>(vectors_, planning);
}

PairCounter::~PairCounter() = default;

// Leaves the counts in the transform, times the number of its cells and not yet rounded.
void PairCounter::transform_pairs(const PhaseMap& map, int phase_a, int phase_b) {
  if (map.size != map_size_) throw core::InternalError("a phase map of another size than its pair counter");
  set_indicator(map, phase_a, vectors_, transform_->real());
  transform_->to_spectrum();
  Complex* spectrum = transform_->spectrum();
  if (phase_a == phase_b) {
    for (std::int64_t k = 0; k < transform_->modes(); ++k) spectrum[k] = std::norm(spectrum[k]);
  } else {
    const std::vector<Complex> of_a(spectrum, spectrum + transform_->modes());
    set_indicator(map, phase_b, vectors_, transform_->real());
    transform_->to_spectrum();
    for (std::int64_t k = 0; k < transform_->modes(); ++k)
      spectrum[k] *= std::conj(of_a[static_cast<std::size_t>(k)]);
  }
  transform_->to_real();
}

PairCounts PairCounter::count(const PhaseMap& map, int phase_a, int phase_b) {
  transform_pairs(map, phase_a, phase_b);
  PairCounts counts{.size = vectors_,
                    .pairs = std::vector<double>(static_cast<std::size_t>(transform_->cells()))};
  const double scale = 1.0 / static_cast<double>(transform_->cells());
  for (std::size_t i = 0; i < counts.pairs.size(); ++i)
    counts.pairs[i] = std::nearbyint(transform_->real()[i] * scale);
  return counts;
}

std::vector<double> PairCounter::correlation(const PhaseMap& map, int phase_a, int phase_b) {
  transform_pairs(map, phase_a, phase_b);
  const double scale = 1.0 / static_cast<double>(transform_->cells());
  const double* values = transform_->real();
  return mean_by_length(vectors_, map_size_, border_, reach_,
                        [&](std::int64_t i) { return std::nearbyint(values[i] * scale); });
}

std::vector<double> radial_mean(const PairCounts& counts, const GridSize& map_size, Border border,
                                std::int64_t reach) {
  return mean_by_length(counts.size, map_size, border, reach,
                        [&](std::int64_t i) { return counts.pairs[static_cast<std::size_t>(i)]; });
}

std::vector<double> two_point_correlation(const PhaseMap& map, int phase_a, int phase_b, Border border) {
  return PairCounter(map.size, border, map.reach()).correlation(map, phase_a, phase_b);
}

std::vector<double> two_point_correlation(const PhaseMap& map, int phase, Border border) {
  return two_point_correlation(map, phase, phase, border);
}

double specific_interface(const PhaseMap& map, int phase, Border border) {
  const GridSize& size = map.size;
  const GridSize stride{size[1] * size[2], size[2], 1};
  const auto* labels = map.labels.data();
  double slope = 0;
  for (auto axis = static_cast<std::size_t>(map.first_axis()); axis < 3; ++axis) {
    // Pairs of cells one step apart differ where their line crosses the interface.
    std::int64_t differing = 0;
    const std::int64_t steps = border == Border::Periodic ? size[axis] : size[axis] - 1;
    const std::int64_t lines = map.num_cells() / size[axis];
    const std::int64_t run = stride[axis];  // lines side by side in memory
    for (std::int64_t first = 0; first < map.num_cells(); first += run * size[axis])
      for (std::int64_t step = 0; step < steps; ++step) {
        const auto* here = labels + first + step * run;
        const auto* next = labels + first + (step + 1) % size[axis] * run;
        for (std::int64_t i = 0; i < run; ++i) differing += (here[i] == phase) != (next[i] == phase);
      }
    slope += static_cast<double>(differing) /
             (2.0 * static_cast<double>(std::max<std::int64_t>(1, lines * steps)));
  }
  slope /= map.dimensions();
  return (map.dimensions() == 2 ? std::numbers::pi : 4.0) * slope;
}

}  // namespace tessera::microstructure
