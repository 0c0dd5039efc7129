// SPDX-License-Identifier: Apache-2.0
// pymatgen's Structure dict to Structure: lattice.matrix (or its lengths and angles), sites with species and
// abc.
#pragma once

#include <string>
#include <string_view>

#include "crystal/structure.hpp"

namespace tessera::crystal {

/// Coordinates stay as given. Raises ReadError for text that is no such dict, JSON nested more than 64 deep,
/// and for disorder: a site with
/// several species, or an occupancy other than 1 (within 0.001).
Structure read_structure_json(std::string_view json, const std::string& source);

/// The text a JSON string spells.
std::string read_json_string(std::string_view json, const std::string& source);

}  // namespace tessera::crystal
