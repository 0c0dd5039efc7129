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

std::string_view crystal_system_name(int crystal_system) {
  constexpr std::array<std::string_view, kNumCrystalSystems> kNames = {
      "triclinic", "monoclinic", "orthorhombic", "tetragonal", "trigonal", "hexagonal", "cubic"};
  if (crystal_system < 0 || crystal_system >= kNumCrystalSystems)
    throw core::DataError(fmt::format("Crystal systems are numbered 0 to 6, got {}.", crystal_system));
  return kNames[static_cast<std::size_t>(crystal_system)];
}

}  // namespace tessera::crystal
