// SPDX-License-Identifier: Apache-2.0
// What the names of target columns tell, and which names are taken.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tessera::data_prep {

/// The unit that the name's ending tells ("…_gpa" → "GPa"); "" where none does.
std::string unit_of_target(const std::string& name);

/// The name, with "_given" behind it where it is among those `taken` by preparation itself.
std::string free_target_name(std::string name, std::span<const std::string_view> taken);

}  // namespace tessera::data_prep
