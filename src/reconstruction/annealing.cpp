// SPDX-License-Identifier: Apache-2.0
#include "reconstruction/annealing.hpp"

#include <algorithm>
#include <cmath>

#include "core/random.hpp"
#include "microstructure/statistics/two_point_correlation.hpp"
#include "reconstruction/decoder.hpp"

namespace tessera::reconstruction {
namespace {

using microstructure::PhaseMap;

constexpr std::int64_t kTemperatures = 200;
constexpr std::int64_t kTriesBetweenQuestions = 1000;
constexpr double kCoolest = 1e-5;  // of the temperature it begins at

// The pairs of cells of one phase by distance, kept up as cells come and go.
class PairsByDistance {
 public:
  PairsByDistance(const PhaseMap& map, std::vector<double> target)
      : rows_(map.size[1]), columns_(map.size[2]), target_(std::move(target)) {
    const auto reach = std::ssize(target_) - 1;
    bins_.resize(static_cast<std::size_t>(4 * rows_ * columns_));
    std::vector<double> vectors(target_.size() + 1);
    for (std::int64_t dy = 0; dy < 2 * rows_; ++dy)
      for (std::int64_t dx = 0; dx < 2 * columns_; ++dx) {
        const auto y = static_cast<double>(std::min(dy % rows_, rows_ - dy % rows_)),
                   x = static_cast<double>(std::min(dx % columns_, columns_ - dx % columns_));
        const auto bin =
            std::min<std::int64_t>(std::lround(std::hypot(y, x)), reach + 1);  // the last: further
        bins_[static_cast<std::size_t>(dy * 2 * columns_ + dx)] = static_cast<std::int32_t>(bin);
        if (dy < rows_ && dx < columns_) ++vectors[static_cast<std::size_t>(bin)];
      }
    for (std::size_t r = 0; r < target_.size(); ++r)
      per_pair_.push_back(1 / (vectors[r] * static_cast<double>(map.num_cells())));
    pairs_.resize(target_.size() + 1);
  }

  void add(std::int64_t cell) {
    count(cell, +1);
    ++pairs_[0];
    places_.push_back(place_of(cell));
  }
  void remove(std::int64_t cell) {
    std::swap(*std::ranges::find(places_, place_of(cell)), places_.back());
    places_.pop_back();
    --pairs_[0];
    count(cell, -1);
  }

  double energy() const {
    double sum = 0;
    for (std::size_t r = 0; r < target_.size(); ++r) {
      const double difference = static_cast<double>(pairs_[r]) * per_pair_[r] - target_[r];
      sum += difference * difference;
    }
    return sum;
  }

 private:
  // Rows twice as long as the map's: two places differ by one number, the place of their vector in `bins_`.
  std::int64_t place_of(std::int64_t cell) const { return cell / columns_ * 2 * columns_ + cell % columns_; }
  // Pairs of `cell` with all others, each way.
  void count(std::int64_t cell, std::int64_t sign) {
    const auto* bins = bins_.data() + place_of(cell) + rows_ * 2 * columns_ + columns_;
    for (const auto place : places_) pairs_[static_cast<std::size_t>(*(bins - place))] += 2 * sign;
  }

  std::int64_t rows_, columns_;
  std::vector<double> target_, per_pair_;
  std::vector<std::int32_t> bins_;    // (2 rows, 2 columns) of vectors, and the vectors less one period
  std::vector<std::int64_t> pairs_;   // by distance
  std::vector<std::int64_t> places_;  // of the phase's cells
};

}  // namespace

std::optional<PhaseMap> anneal(const PhaseMap& sample, int phases, const AnnealingOptions& options,
                               std::int64_t index, const std::function<bool()>& keep_going) {
  core::RandomStream random(options.seed, "annealing", static_cast<std::uint64_t>(index));
  PhaseMap map{.size = options.size, .labels = {}, .levels = sample.levels};
  const auto counts = phase_counts(sample, phases, map.num_cells());
  for (std::size_t phase = 0; phase < counts.size(); ++phase)
    map.labels.insert(map.labels.end(), static_cast<std::size_t>(counts[phase]),
                      static_cast<std::uint8_t>(phase));
  random.shuffle(std::span(map.labels));

  std::vector<PairsByDistance> told;  // by phase from `first_told` on
  const int first_told = phases == 2 ? 1 : 0;
  for (int phase = first_told; phase < phases; ++phase) {
    auto target = microstructure::two_point_correlation(sample, phase, microstructure::Border::Periodic);
    target.resize(static_cast<std::size_t>(std::min(sample.reach(), map.reach())) + 1);
    auto& pairs = told.emplace_back(map, std::move(target));
    for (std::int64_t cell = 0; cell < map.num_cells(); ++cell)
      if (map.labels[static_cast<std::size_t>(cell)] == phase) pairs.add(cell);
  }

  const auto energy = [&] {
    double sum = 0;
    for (const auto& pairs : told) sum += pairs.energy();
    return sum;
  };
  const auto exchange = [&](std::int64_t a, std::int64_t b) {
    auto &of_a = map.labels[static_cast<std::size_t>(a)], &of_b = map.labels[static_cast<std::size_t>(b)];
    if (of_a >= first_told) told[static_cast<std::size_t>(of_a - first_told)].remove(a);
    if (of_b >= first_told) told[static_cast<std::size_t>(of_b - first_told)].remove(b);
    std::swap(of_a, of_b);
    if (of_a >= first_told) told[static_cast<std::size_t>(of_a - first_told)].add(a);
    if (of_b >= first_told) told[static_cast<std::size_t>(of_b - first_told)].add(b);
  };
  const auto draw = [&] {
    const auto cells = static_cast<std::uint64_t>(map.num_cells());
    while (true) {
      const auto a = random.below(cells), b = random.below(cells);
      if (map.labels[a] != map.labels[b])
        return std::pair(static_cast<std::int64_t>(a), static_cast<std::int64_t>(b));
    }
  };
  if (*std::ranges::max_element(counts) == map.num_cells()) return map;  // nothing to exchange

  const std::int64_t tries = options.swaps_per_cell * map.num_cells();
  const std::int64_t warm_up = std::min<std::int64_t>(tries, 200);
  double now = energy(), temperature = 0;
  for (std::int64_t i = 0; i < tries; ++i) {
    if (i % kTriesBetweenQuestions == 0 && !keep_going()) return std::nullopt;
    const auto [a, b] = draw();
    exchange(a, b);
    const double next = energy();
    if (i < warm_up) {  // takes all, to learn what a usual change is
      temperature += std::abs(next - now) / static_cast<double>(warm_up);
      now = next;
      continue;
    }
    const double heat = temperature * std::pow(kCoolest, static_cast<double>(i * kTemperatures / tries) /
                                                             static_cast<double>(kTemperatures));
    if (next <= now || random.uniform() < std::exp((now - next) / heat))
      now = next;
    else
      exchange(a, b);
  }
  return map;
}

}  // namespace tessera::reconstruction
