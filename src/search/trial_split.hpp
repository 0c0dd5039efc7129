// SPDX-License-Identifier: Apache-2.0
// Which trials count as good, by Optuna 5's rules: of n complete and pruned ones the best ⌈n / 10⌉, at most
// 25; complete ones by value before pruned ones, which go by how far they came, then by the value there.
#pragma once

#include <cstdint>
#include <vector>

#include "search/trial.hpp"

namespace tessera::search {

/// Both in the study's order; the pointers lead into it.
struct TrialSplit {
  std::vector<const Trial*> good, others;
  std::int64_t num_judged = 0;  // complete and pruned ones
};

/// Trial `own` is left out; running trials are among the others with `running_are_bad`, else left out, as are
/// failed and waiting ones always.
TrialSplit split_trials(const Study& study, std::int64_t own, bool running_are_bad);

}  // namespace tessera::search
