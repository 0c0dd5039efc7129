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
/// any call throws, no new tasks are handed out and all ranks throw together. `must_stop` is asked before a
/// rank takes a task: once any rank's says true, none are handed out to anyone, and what was done is a run of
/// tasks from 0 on. It may not throw.
WorkSummary for_each_task(
    const Communicator& comm, std::int64_t num_tasks, std::string_view what,
    const std::function<void(std::int64_t)>& work,
    const std::function<bool()>& must_stop = [] { return false; });

}  // namespace tessera::dist
