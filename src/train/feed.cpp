// SPDX-License-Identifier: Apache-2.0
#include "train/feed.hpp"

#include "data/assignment.hpp"

namespace tessera::train {

std::vector<std::vector<std::int64_t>> cut_by_cost(const Feed& feed, std::span<const std::int64_t> records,
                                                   std::int64_t parts) {
  std::vector<double> costs;
  for (const std::int64_t record : records) costs.push_back(feed.cost(record));
  std::vector<std::vector<std::int64_t>> cut;
  for (const auto& chosen : data::assign_by_cost(costs, parts)) {
    auto& part = cut.emplace_back();
    for (const std::int64_t i : chosen) part.push_back(records[static_cast<std::size_t>(i)]);
  }
  return cut;
}

}  // namespace tessera::train
