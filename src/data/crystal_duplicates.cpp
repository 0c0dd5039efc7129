// SPDX-License-Identifier: Apache-2.0
#include "data/crystal_duplicates.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

namespace tessera::data {

std::string composition(const crystal::Structure& structure) {
  std::map<int, std::int64_t> counts;
  for (const auto element : structure.elements) ++counts[element];
  std::int64_t divisor = 0;
  for (const auto& [element, count] : counts) divisor = std::gcd(divisor, count);
  std::string text;
  for (const auto& [element, count] : counts)
    text += fmt::format("{}{}:{}", text.empty() ? "" : " ", element, count / divisor);
  return text;
}

std::vector<std::string> first_of_duplicates(const CrystalStore& store,
                                             std::span<const std::int64_t> records) {
  const auto& targets = store.schema().targets;
  const auto column = std::find_if(targets.begin(), targets.end(),
                                   [](const TargetColumn& target) { return target.name == "space_group"; });
  std::vector<std::string> labels;
  std::unordered_map<std::string, std::string> first;
  for (const std::int64_t record : records) {
    auto& label = labels.emplace_back(composition(store.record(record)->structure));
    if (column != targets.end()) {
      const auto& row = store.rows()[static_cast<std::size_t>(record)];
      label += fmt::format(" in {}", row.targets[static_cast<std::size_t>(column - targets.begin())]);
    }
    const auto [known, is_new] = first.emplace(label, store.id(record));
    if (!is_new) known->second = std::min(known->second, store.id(record));
  }
  std::vector<std::string> ids;
  for (const auto& label : labels) ids.push_back(first.at(label));
  return ids;
}

}  // namespace tessera::data
