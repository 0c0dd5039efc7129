// SPDX-License-Identifier: Apache-2.0
// The Slurm job that this process belongs to, as its environment says.
#pragma once

#include <cstdint>
#include <string>

namespace tessera::dist {

/// "4711", "4711_3" of an array; empty outside Slurm.
std::string slurm_job();

/// How often Slurm had put that job back into its queue before this start.
std::int64_t slurm_start();

}  // namespace tessera::dist
