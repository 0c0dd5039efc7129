// SPDX-License-Identifier: Apache-2.0
#include "data/dataset_schema.hpp"

#include <fmt/core.h>

#include <set>

#include "core/error.hpp"
#include "core/text.hpp"

namespace tessera::data {

void check_target_names(const std::vector<TargetColumn>& targets) {
  std::set<std::string> seen;
  for (const auto& target : targets) {
    if (target.name.empty() || target.name == "." || target.name.find('/') != std::string::npos)
      throw core::InputError(
          fmt::format("a target's name must be non-empty and without \"/\", got \"{}\". Rename the column.",
                      target.name));
    if (!seen.insert(target.name).second)
      throw core::InputError(
          fmt::format("target \"{}\" is given twice. Rename or remove one of the columns.", target.name));
  }
}

std::size_t target_index(const DatasetSchema& schema, std::string_view name) {
  std::vector<std::string> names;
  for (const auto& target : schema.targets) {
    if (target.name == name) return names.size();
    names.push_back(target.name);
  }
  const auto near = core::nearest_word(name, names);
  throw core::InputError(fmt::format("the dataset has no target \"{}\"{}; it has: {}", name,
                                     near ? fmt::format(" (did you mean \"{}\"?)", *near) : "",
                                     names.empty() ? "none" : core::join(names, ", ")));
}

}  // namespace tessera::data
