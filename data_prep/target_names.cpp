// SPDX-License-Identifier: Apache-2.0
#include "data_prep/target_names.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace tessera::data_prep {
namespace {

struct UnitOfSuffix {
  std::string_view suffix, unit;
};
// Longer suffixes before those they end in.
constexpr std::array kUnits = {UnitOfSuffix{"_ev_per_atom", "eV/atom"},
                               UnitOfSuffix{"_ev", "eV"},
                               UnitOfSuffix{"_gpa", "GPa"},
                               UnitOfSuffix{"_angstrom", "angstrom"},
                               UnitOfSuffix{"_a3", "angstrom^3"},
                               UnitOfSuffix{"_mub", "bohr_magneton"}};

}  // namespace

std::string unit_of_target(const std::string& name) {
  for (const auto& [suffix, unit] : kUnits)
    if (core::lower_case(name).ends_with(suffix)) return std::string(unit);
  return "";
}

std::string free_target_name(std::string name, std::span<const std::string_view> taken) {
  return std::find(taken.begin(), taken.end(), name) != taken.end() ? name + "_given" : name;
}

}  // namespace tessera::data_prep
