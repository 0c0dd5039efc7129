// SPDX-License-Identifier: Apache-2.0
// How much of an encoder a material needs: errors against the deepest layer that was kept (Li et al. 2018).
#pragma once

#include <vector>

#include "jobs/reconstruction_case.hpp"
#include "reconstruction/likeness.hpp"

namespace tessera::jobs {

/// pruning.csv and pruning.html into the folder that all cases' samples have theirs in. Cases are by sample,
/// then by number of layers; `errors` of each.
void write_pruning_study(const std::vector<ReconstructionCase>& cases,
                         const std::vector<reconstruction::Errors>& errors);

}  // namespace tessera::jobs
