// SPDX-License-Identifier: Apache-2.0
// Structure to CIF text: P1, every atom listed, as Materials Project files have it. The orientation of the
// lattice is not kept, since CIF has no place for it.
#pragma once

#include <string>
#include <string_view>

#include "crystal/structure.hpp"

namespace tessera::crystal {

/// One data block; lengths, angles and fractional coordinates to 10 decimals.
std::string write_cif(const Structure& structure, std::string_view block_name);

}  // namespace tessera::crystal
