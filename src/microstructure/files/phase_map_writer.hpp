// SPDX-License-Identifier: Apache-2.0
// Phase maps into files: NPY for programs, PNG for people.
#pragma once

#include <filesystem>

#include "microstructure/phase_map.hpp"
#include "microstructure/raster.hpp"

namespace tessera::microstructure {

/// The grey levels of the phases (their numbers where there are no levels) as NumPy's uint8, uint16 where one
/// is above 255: (rows, columns), of a volume (slices, rows, columns). Raises DataError where the file cannot
/// be written.
void write_npy(const std::filesystem::path& path, const PhaseMap& map);

/// The phases' numbers, a plane; of a volume its three middle planes, across the slices, the rows and the
/// columns, beside each other.
Mask planes_to_look_at(const PhaseMap& map);

}  // namespace tessera::microstructure
