// SPDX-License-Identifier: Apache-2.0
// tessera train: one training, as its configuration says.
#include <fmt/core.h>

#include "core/error.hpp"
#include "dist/run_job.hpp"
#include "dist/stop_request.hpp"
#include "train/training_run.hpp"

namespace {

using namespace tessera;

struct TrainArguments {
  std::string config;
  std::vector<std::string> overrides;
  std::string run_folder;
  bool fresh = false;
  bool overwrite = false;
};

int run(dist::Communicator& world, const core::CommandLine& line, const TrainArguments& arguments) {
  dist::watch_stop_signals();
  auto toml = train::load_config(arguments.config, arguments.overrides, world);
  if (!arguments.run_folder.empty()) toml.set_text("run.dir", arguments.run_folder);
  const auto config = train::read_training_config(toml);
  const auto dataset = world.together("open the dataset", [&] { return train::open_dataset(config); });
  const auto result = train::run_training(world, toml, *dataset,
                                          {.fresh = arguments.fresh,
                                           .overwrite = arguments.overwrite,
                                           .show_progress = !line.quiet(),
                                           .command = line.typed()});
  if (world.is_root())
    fmt::print(
        "epoch={} best_epoch={} validation_{}={:.6g} seconds={:.2f} samples_per_second={:.1f} "
        "weights_sha256={}\n",
        result.epochs, result.best_epoch, result.metric, result.best_metric, result.seconds,
        result.samples_per_second, result.weights_sha256);
  const bool stopped = result.outcome == train::Outcome::StoppedInTime;
  world.together("ask for a requeue", [&] {
    if (world.is_root() && stopped && result.stop == dist::Stop::SaveAndRequeue && result.steps > 0)
      dist::ask_for_requeue();
  });
  return stopped ? core::kExitStoppedInTime : core::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  TrainArguments arguments;
  core::CommandLine line(
      "train",
      "Trains a network, data-parallel over the ranks it is started on. Goes on where the newest valid "
      "checkpoint stands.",
      "mpirun -n 2 tessera train jobs/configs/bulk_modulus.toml --set data.dataset=mp_elasticity --run "
      "runs/k");
  line.positional("CONFIG", arguments.config, "training configuration, TOML");
  line.repeated("--set", arguments.overrides, "override one key: table.key=value");
  line.option("--run", arguments.run_folder, "run folder, instead of run.dir");
  line.flag("--fresh", arguments.fresh, "start anew; refuses where there is a run already");
  line.flag("--overwrite", arguments.overwrite, "with --fresh: delete the run that is there");
  return dist::run_job(argc, argv, line,
                       [&](dist::Communicator& world) { return run(world, line, arguments); });
}
