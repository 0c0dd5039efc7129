// SPDX-License-Identifier: Apache-2.0
// The element behind a species or a site label, as crystal files write them: "Fe3+", "FE", "Fe_pv", "Fe1",
// "D".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tessera::crystal {

/// Atomic number of a species: a symbol in any case, then a charge, a potential's suffix or an isotope mark.
/// D and T are hydrogen. Nothing where the letters in front are no element.
std::optional<std::uint8_t> element_of_species(std::string_view species);

/// Atomic number of a site label such as "Fe1", "Ow2", "LI1". Nothing where there is none, and where two
/// capitals could be two elements ("CO1": C or Co).
std::optional<std::uint8_t> element_of_label(std::string_view label);

}  // namespace tessera::crystal
