// SPDX-License-Identifier: Apache-2.0
#include "crystal/space_group.hpp"

#include <fmt/format.h>

#include <array>

#include "core/error.hpp"

namespace tessera::crystal {

int crystal_system(int space_group) {
  constexpr std::array<int, kNumCrystalSystems> kLast = {2, 15, 74, 142, 167, 194, 230};
  if (space_group < 1 || space_group > kNumSpaceGroups)
    throw core::DataError(
        fmt::format("Space groups are numbered 1 to {}, got {}.", kNumSpaceGroups, space_group));
  int system = 0;
  while (space_group > kLast[static_cast<std::size_t>(system)]) ++system;
  return system;
}

}  // namespace tessera::crystal
