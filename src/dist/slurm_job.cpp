// SPDX-License-Identifier: Apache-2.0
#include "dist/slurm_job.hpp"

#include <cstdlib>

#include "core/text.hpp"

namespace tessera::dist {

std::string slurm_job() {
  const char* array = std::getenv("SLURM_ARRAY_JOB_ID");
  const char* task = std::getenv("SLURM_ARRAY_TASK_ID");
  if (array && task) return std::string(array) + "_" + task;
  const char* job = std::getenv("SLURM_JOB_ID");
  return job ? job : "";
}

std::int64_t slurm_start() {
  const char* restarts = std::getenv("SLURM_RESTART_COUNT");
  return restarts ? core::parse_integer(restarts).value_or(0) : 0;
}

}  // namespace tessera::dist
