// SPDX-License-Identifier: Apache-2.0
// CIF text to Structure: the data block with atoms, of which there must be one, all sites of the cell, in the
// orientation pymatgen gives cell lengths and angles (c along z, a in the xz plane).
#pragma once

#include <string>
#include <string_view>

#include "crystal/structure.hpp"

namespace tessera::crystal {

/// Fractional coordinates are brought into [0, 1). Listed operations, or else the named space group, are
/// applied to the sites listed; images of one element within 0.05 Å are one site, at their mean. Ordered
/// crystals only: ReadError for an occupancy other than 1 (within 0.001; a missing one counts as 1), and
/// for a second data block with atoms: which of the two is meant, nobody knows. Whether
/// atoms overlap is check_possible's to say.
Structure read_cif(std::string_view text, const std::string& source);

}  // namespace tessera::crystal
