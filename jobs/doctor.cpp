// SPDX-License-Identifier: Apache-2.0
// tessera doctor: are these ranks, their nodes, network and disk fit to run on?
#include <fmt/core.h>

#include <algorithm>

#include "core/build_info.hpp"
#include "core/error.hpp"
#include "dist/run_job.hpp"
#include "jobs/doctor_checks.hpp"
#include "jobs/gpu_peers.hpp"

using namespace tessera;

namespace {

std::vector<jobs::Finding> examine(const dist::Communicator& world, const std::string& folder) {
  std::vector<jobs::Finding> findings{{"Tessera", core::version() + ", " + core::compiler(), ""}};
  const auto add = [&](const std::vector<jobs::Finding>& more) {
    findings.insert(findings.end(), more.begin(), more.end());
  };
  add(jobs::check_mpi(world));
  add(jobs::check_links(world));
  add(jobs::check_cores(world));
  add(jobs::check_clocks(world));
  add(jobs::check_gpus(world));
  add(jobs::check_gpu_peers(world));
  add(jobs::check_folder(world, folder));
  return findings;
}

}  // namespace

int main(int argc, char** argv) {
  core::CommandLine line(
      "doctor",
      "Are these ranks, their nodes, network and disk fit to run on? A line each: fine, or what to do. "
      "To be started as the job will be: alone, under mpirun, under srun.",
      "srun --nodes=2 --ntasks-per-node=4 --mpi=pmix tessera doctor --folder $SCRATCH");
  std::string folder = ".";
  line.option("--folder", folder, "where datasets and runs will lie");
  return dist::run_job(argc, argv, line, [&](dist::Communicator& world) {
    const auto findings = examine(world, folder);
    const auto ailing = std::ranges::count_if(findings, [](const auto& it) { return !it.remedy.empty(); });
    if (world.is_root()) {
      for (const auto& [subject, found, remedy] : findings)
        fmt::print("{} {}: {}{}\n", remedy.empty() ? "fine " : "TO DO", subject, found,
                   remedy.empty() ? "" : ". " + remedy);
      fmt::print("checks={} to_do={}\n", findings.size(), ailing);
    }
    return core::kExitDone;
  });
}
