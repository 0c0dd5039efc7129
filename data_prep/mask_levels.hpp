// SPDX-License-Identifier: Apache-2.0
// `--mask-rule values`: which grey levels the masks of a dataset have. Classes are numbered over all of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dist/communicator.hpp"

namespace tessera::data_prep {

struct MaskLevels {
  std::vector<std::uint16_t> levels;           // ascending
  std::map<std::string, std::string> refused;  // masks that cannot be read as classes, and why
};

/// Collective. Reads all masks, the ranks sharing them out. A mask of more than 32 levels, one whose colours
/// differ, and one that cannot be read is refused, and adds no level. Raises InputError where the others
/// have more than 32 levels together, naming the mask with which they do.
MaskLevels find_mask_levels(const dist::Communicator& comm, const std::vector<std::string>& masks);

}  // namespace tessera::data_prep
