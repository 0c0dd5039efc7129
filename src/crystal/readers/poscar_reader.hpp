// SPDX-License-Identifier: Apache-2.0
// VASP's POSCAR and CONTCAR to Structure, with the element line of VASP 5 or without it (VASP 4: the elements
// are then in the comment line, or behind each position).
#pragma once

#include <string>
#include <string_view>

#include "crystal/structure.hpp"

namespace tessera::crystal {

/// The scale may be a factor, three factors, or a negative number: the volume in Å³. Fractional coordinates
/// stay as given, outside [0, 1) too. Raises ReadError naming the line.
Structure read_poscar(std::string_view text, const std::string& source);

/// Whether a text has a POSCAR's first five lines: scale and lattice where they must be.
bool looks_like_poscar(std::string_view text);

}  // namespace tessera::crystal
