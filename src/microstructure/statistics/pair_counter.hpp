// SPDX-License-Identifier: Apache-2.0
// How many pairs of cells lie in given phases, by the vector between them: by Fourier transform, exact, for
// counts are whole.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "microstructure/phase_map.hpp"
#include "microstructure/statistics/real_transform.hpp"

namespace tessera::microstructure {

/// Pairs of cells by the vector from one to the other.
struct PairCounts {
  GridSize size{1, 0, 0};     // of the vectors, each component modulo its extent: −1 is the last
  std::vector<double> pairs;  // whole numbers, the last axis fastest
};

/// Counts pairs in maps of one size.
class PairCounter {
 public:
  /// Pairs up to `reach` cells apart along each axis. Where the border is open the vectors' grid is so much
  /// larger than the map that none of these wraps around. Raises InputError for a map without cells.
  PairCounter(const GridSize& map_size, Border border, std::int64_t reach,
              Planning planning = Planning::Quick);
  ~PairCounter();
  PairCounter(const PairCounter&) = delete;
  PairCounter& operator=(const PairCounter&) = delete;

  const GridSize& vectors() const { return vectors_; }
  /// How many cells of `phase_a` have one of `phase_b` so far on.
  PairCounts count(const PhaseMap& map, int phase_a, int phase_b);
  /// By their length, as radial_mean of the counts.
  std::vector<double> correlation(const PhaseMap& map, int phase_a, int phase_b);

 private:
  void with_counts(const PhaseMap& map, int phase_a, int phase_b, const auto& use);

  GridSize map_size_, vectors_;
  Border border_;
  std::int64_t reach_;
  Planning planning_;
  std::unique_ptr<RealTransform<float>> floats_;    // where they are exact enough
  std::unique_ptr<RealTransform<double>> doubles_;  // made when needed
};

/// The mean over all vectors whose length rounds to 0, 1 … `reach` of pairs over possible pairs in a map of
/// `map_size`.
std::vector<double> radial_mean(const PairCounts& counts, const GridSize& map_size, Border border,
                                std::int64_t reach);

}  // namespace tessera::microstructure
