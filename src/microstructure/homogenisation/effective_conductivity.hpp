// SPDX-License-Identifier: Apache-2.0
// What a structure conducts as a whole: heat, charge or, with diffusivities, matter. Finite volumes on the
// grid's cells, the harmonic mean of two cells' conductivities between their centres; any contrast, phases
// that do not conduct at all, float64.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "microstructure/phase_map.hpp"

namespace tessera::microstructure {

/// Fixed: the two outer faces across the axis are held at two temperatures, the others let nothing through.
/// Periodic: the structure goes on in all directions under a mean gradient along the axis.
enum class Faces { Fixed, Periodic };

struct ConductionOptions {
  int axis = 0;  // of the map's: 0 its slices, 1 rows, 2 columns
  Faces faces = Faces::Fixed;
  double tolerance = 1e-5;  // of the residual; the conductivity's own error is about its square
  std::int64_t max_iterations = 500;
};

struct Conduction {
  double effective = 0;     // in the unit of the phases' conductivities; 0 where no path leads through
  bool percolates = false;  // whether one does
  std::int64_t iterations = 0;
  double residual = 0;
};

/// `conductivity[p]` is that of phase p, 0 where it conducts nothing. Raises InputError for an axis the map
/// has not, a negative or non-finite conductivity, or a phase without one; DataError where the solver has not
/// converged: after max_iterations, or as far as rounding lets it.
Conduction effective_conductivity(const PhaseMap& map, std::span<const double> conductivity,
                                  const ConductionOptions& options = {});

}  // namespace tessera::microstructure
