// SPDX-License-Identifier: Apache-2.0
// Two-point statistics (Torquato 2002): how likely two points a distance apart lie in given phases. By
// Fourier transform, exact: the pairs of cells are counted, and counts are whole.
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

/// S2(r) of r = 0, 1 … map.reach() cells: over all vectors whose length rounds to r, the mean of the
/// probability that a pair of cells lies in its phases. S2(0) is the phase's fraction where both are the
/// same.
std::vector<double> two_point_correlation(const PhaseMap& map, int phase_a, int phase_b, Border border);
std::vector<double> two_point_correlation(const PhaseMap& map, int phase, Border border);

/// Length (plane) or area (volume) of the phase's interface over the area or volume, in 1/cell: −π or −4
/// times the slope of S2 at 0 along the axes (Debye, Anderson and Brumberger 1957), so that a disc's is its
/// circle over the picture, staircase or not.
double specific_interface(const PhaseMap& map, int phase, Border border);

}  // namespace tessera::microstructure
