// SPDX-License-Identifier: Apache-2.0
// tessera report --scaling: what more ranks are worth to a training, and where their time goes.
#include <fmt/core.h>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "dist/run_job.hpp"
#include "jobs/scaling_runs.hpp"

using namespace tessera;

int main(int argc, char** argv) {
  jobs::ScalingOptions options;
  std::string folder = "scaling";
  core::CommandLine line(
      "report --scaling",
      "Trains a configuration on 1, 2, 4 … of the ranks it is started on, with the same global batch and "
      "with "
      "the same batch a rank, and reports efficiency, waiting, imbalance and where the time went.",
      "mpirun -n 4 tessera report --scaling jobs/configs/bulk_modulus.toml --set data.dataset=mp_elasticity");
  line.positional("CONFIG", options.config, "training configuration, TOML");
  line.repeated("--set", options.overrides, "override one key: table.key=value");
  line.option("--epochs", options.epochs, "of each run");
  line.option("--out", folder, "folder of report.html, scaling.csv and the runs, each with its trace");

  return dist::run_job(argc, argv, line, [&](dist::Communicator& world) {
    const core::Stopwatch stopwatch;
    if (options.epochs < 1)
      throw core::InputError(fmt::format("--epochs must be at least 1, got {}", options.epochs));
    options.folder = folder;
    options.command = line.typed();
    const auto scaling = jobs::time_scaling(world, options);
    world.together("write the report", [&] {
      if (!world.is_root()) return;
      core::write_file_atomically(options.folder / "scaling.csv", report::scaling_csv(scaling));
      core::write_file_atomically(options.folder / "report.html", report::make_scaling_report(scaling));
      const auto& last = scaling.runs.back();
      fmt::print("report={} ranks={} weak_efficiency={:.3f} accounted={:.3f} seconds={:.2f}\n",
                 (options.folder / "report.html").string(), last.ranks,
                 report::parallel_efficiency(last, scaling), report::accounted_share(last),
                 stopwatch.seconds());
    });
    return core::kExitDone;
  });
}
