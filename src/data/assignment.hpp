// SPDX-License-Identifier: Apache-2.0
// Who takes which sample of a global batch. Parts depend on the batch and the number of parts only, so that
// every rank computes the same ones without asking; no sample is dropped or taken twice.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tessera::data {

/// For each part the positions in the batch it takes, rising.
using Assignment = std::vector<std::vector<std::int64_t>>;

/// Costs (>= 0, e.g. faces or edges) spread evenly: the costliest first, each to the part with the least so
/// far (longest processing time first, Graham 1969). Ties go to the part with fewer samples, then the first.
Assignment assign_by_cost(std::span<const double> costs, std::int64_t num_parts);

/// The positions that `rank` of `size` takes where the batch is cut into fixed virtual shards: the shards of
/// its block of them (dist::partition), one behind the other.
std::vector<std::int64_t> positions_of_rank(const Assignment& virtual_shards, std::int64_t rank,
                                            std::int64_t size);

}  // namespace tessera::data
