// SPDX-License-Identifier: Apache-2.0
// Which trials count as good, by Optuna 5's rules: of n complete and pruned ones the best ⌈n / 10⌉, at most
// 25; complete ones by value before pruned ones, which go by how far they came, then by the value there.
#pragma once

#include <cstdint>
#include <vector>

#include "search/trial.hpp"

namespace tessera::search {

/// Both by number.
struct TrialSplit {
  std::vector<const Trial*> good, others;
};

/// Trial `own` is left out; running trials are among the others with `running_are_bad`, else left out, as are
/// failed and waiting ones always. The pointers lead into `study`.
TrialSplit split_trials(const Study& study, std::int64_t own, bool running_are_bad);

/// Complete and pruned ones.
std::int64_t num_judged(const Study& study);

}  // namespace tessera::search
