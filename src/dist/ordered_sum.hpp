// SPDX-License-Identifier: Apache-2.0
// The reproducible reduction: the same bits for any rank count. A global batch is cut into a fixed number of
// virtual shards, each a vector; they are added in one binary tree whose shape depends on that number only
// (neighbours first, then neighbouring pairs, …), whichever ranks hold them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dist/communicator.hpp"

namespace tessera::dist {

/// Collective. `local` holds this rank's shards, partition(num_shards, size, rank), row by row: (shards here,
/// sum.size()). Leaves the sum over all shards in `sum` on every rank.
///
/// A rank first adds up the subtrees it holds whole; their sums are cut into slices, each slice's owner ends
/// the tree for it, and the slices are gathered. Raises ParallelError.
void ordered_sum(const Communicator& comm, std::span<const float> local, std::int64_t num_shards,
                 std::span<float> sum, std::string_view what);
void ordered_sum(const Communicator& comm, std::span<const double> local, std::int64_t num_shards,
                 std::span<double> sum, std::string_view what);

}  // namespace tessera::dist
