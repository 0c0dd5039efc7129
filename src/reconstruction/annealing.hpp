// SPDX-License-Identifier: Apache-2.0
// What reconstructions are held against: cells exchanged at random until the two-point correlation is the
// sample's (Yeong and Torquato 1998).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "microstructure/phase_map.hpp"

namespace tessera::reconstruction {

struct AnnealingOptions {
  microstructure::GridSize size{1, 64, 64};  // of the result, a plane
  std::int64_t swaps_per_cell = 200;         // tried
  std::uint64_t seed = 0;
};

/// The `index`-th: begins at the phases' cells (phase_counts) in random places, tries exchanges of two cells
/// of different phases, and takes a worse one by Metropolis' rule at a temperature that falls geometrically.
/// The energy is the sum over phases (of two phases the second) and r up to half the shortest edge of (S2 −
/// S2*)², periodic, of all vectors. Time grows with the swaps times the cells of a phase. `keep_going` is
/// asked now and then; none where it said no.
std::optional<microstructure::PhaseMap> anneal(
    const microstructure::PhaseMap& sample, int phases, const AnnealingOptions& options, std::int64_t index,
    const std::function<bool()>& keep_going = [] { return true; });

}  // namespace tessera::reconstruction
