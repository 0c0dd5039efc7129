// SPDX-License-Identifier: Apache-2.0
// A search inside one job: its ranks in groups, each working on one trial after the other, and the root's
// coordinator, which a thread of its own serves while the root trains like the others.
#pragma once

#include <cstdint>

#include "search/coordinator.hpp"

namespace tessera::search {

struct SearchSummary {
  std::int64_t trials = 0;  // pieces of work done by all groups: trials, and those taken up again
  double busy_share = 0;    // of the groups' time, in trials
  double seconds = 0;       // from the first start to the last end
};

/// Raises InputError unless the ranks make whole groups of `ranks_per_trial`.
void check_groups(const dist::Communicator& world, std::int64_t ranks_per_trial);

/// Collective over `world`, which must pass check_groups. `coordinator` is used on the root only. Returns
/// when there is nothing left to do, or the coordinator has stopped. A trial whose objective throws is
/// failed, and tried again unless that was an InputError; where the journal cannot be written, every rank
/// throws.
SearchSummary parallel_search(const dist::Communicator& world, std::int64_t ranks_per_trial,
                              Coordinator* coordinator, const Objective& objective);

}  // namespace tessera::search
