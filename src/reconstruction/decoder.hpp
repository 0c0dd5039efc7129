// SPDX-License-Identifier: Apache-2.0
// From shares of phases to phases, with exactly as many cells of each as asked for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "microstructure/phase_map.hpp"

namespace tessera::reconstruction {

/// How many of `cells` each phase of `sample` gets: its fraction of them, rounded so that they sum up (the
/// largest remainders go up). Equal to the sample's own counts where `cells` is its number of cells.
std::vector<std::int64_t> phase_counts(const microstructure::PhaseMap& sample, int phases,
                                       std::int64_t cells);

/// `shares` (phases, cells), the last fastest; `counts` sum to the cells. The assignment whose summed shares
/// are the largest there is (successive shortest paths, Jewell 1958); equal ones by the lower cell.
std::vector<std::uint8_t> decode(std::span<const double> shares, std::span<const std::int64_t> counts);

}  // namespace tessera::reconstruction
