// SPDX-License-Identifier: Apache-2.0
#include "data/assignment.hpp"

#include <algorithm>
#include <numeric>
#include <queue>
#include <tuple>

#include "dist/partition.hpp"

namespace tessera::data {

Assignment assign_by_cost(std::span<const double> costs, std::int64_t num_parts) {
  std::vector<std::size_t> order(costs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return costs[a] > costs[b]; });

  using Load = std::tuple<double, std::size_t, std::size_t>;  // cost, samples, part
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (std::size_t p = 0; p < static_cast<std::size_t>(num_parts); ++p) loads.emplace(0.0, 0, p);
  Assignment assignment(static_cast<std::size_t>(num_parts));
  for (const auto position : order) {
    const auto [cost, samples, part] = loads.top();
    loads.pop();
    assignment[part].push_back(static_cast<std::int64_t>(position));
    loads.emplace(cost + costs[position], samples + 1, part);
  }
  for (auto& part : assignment) std::sort(part.begin(), part.end());
  return assignment;
}

std::vector<std::int64_t> positions_of_rank(const Assignment& virtual_shards, std::int64_t rank,
                                            std::int64_t size) {
  const auto block = dist::partition(static_cast<std::int64_t>(virtual_shards.size()), size, rank);
  std::vector<std::int64_t> positions;
  for (auto shard = block.begin; shard < block.end; ++shard) {
    const auto& part = virtual_shards[static_cast<std::size_t>(shard)];
    positions.insert(positions.end(), part.begin(), part.end());
  }
  return positions;
}

}  // namespace tessera::data
