// SPDX-License-Identifier: Apache-2.0
// Crystals that may be one and the same: equal composition and equal space group. Tighter measures (volume,
// sites) would part a structure from its relaxed or strained copies.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "crystal/structure.hpp"
#include "data/store.hpp"

namespace tessera::data {

/// Elements and their proportions: "8:3 22:1 38:1" is SrTiO3 and Sr2Ti2O6.
std::string composition(const crystal::Structure& structure);

/// For each of `records` the smallest id among those of its composition and space group; of its composition
/// alone in a dataset without the target space_group. A split by these ids keeps duplicates in one part.
std::vector<std::string> first_of_duplicates(const CrystalStore& store,
                                             std::span<const std::int64_t> records);

}  // namespace tessera::data
