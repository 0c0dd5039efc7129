// SPDX-License-Identifier: Apache-2.0
// Uneven work, handed out as ranks become free: one shared counter, no rank given over to hand out.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "dist/communicator.hpp"

namespace tessera::dist {

struct WorkSummary {
  std::int64_t tasks_here = 0;
  double busy_seconds = 0;     // in `work` on this rank
  double elapsed_seconds = 0;  // from start to the last rank's end
};

/// Collective. Calls `work(i)` once for each i in [0, num_tasks) on some rank, in rising order on each. If
/// any call throws, no new tasks are handed out and all ranks throw together.
WorkSummary for_each_task(const Communicator& comm, std::int64_t num_tasks, std::string_view what,
                          const std::function<void(std::int64_t)>& work);

}  // namespace tessera::dist
