// SPDX-License-Identifier: Apache-2.0
// Made structures of two phases, periodic, the same for the same seed: random fields cut at a level, discs
// that may overlap, and what a thermally sprayed coating looks like in section.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "microstructure/phase_map.hpp"

namespace tessera::microstructure {

/// Field: a Gaussian random field cut where the fraction is exact (Cahn 1965). Discs: ellipses dropped until
/// the fraction is reached. Coating: globular pores, flat ones between splats, and cracks across them,
/// dropped likewise.
enum class PhaseKind { Field, Discs, Coating };
inline constexpr std::array<std::string_view, 3> kPhaseKinds = {"field", "discs", "coating"};

struct SyntheticPhasesOptions {
  PhaseKind kind = PhaseKind::Field;
  std::int64_t size_px = 256;
  double low_fraction = 0.1, high_fraction = 0.4;  // of phase 1, drawn evenly between them
  double feature_px = 12;                          // typical width of a feature of phase 1
  double elongation = 1;                           // along x, of features and of the field

  /// Raises InputError naming the value that cannot be.
  void check() const;
};

struct SyntheticPhases {
  std::string id;  // "phases-000012"
  PhaseMap map;    // a plane of phases 0 and 1
};

/// The structure of that index; two indices share nothing.
SyntheticPhases make_synthetic_phases(const SyntheticPhasesOptions& options, std::uint64_t seed,
                                      std::int64_t index);

}  // namespace tessera::microstructure
