// SPDX-License-Identifier: Apache-2.0
// tessera train: read the configuration, open the dataset, build the network, train, keep the record.
#include <fmt/core.h>

#include "core/build_info.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "dist/run_job.hpp"
#include "dist/tensor/device.hpp"
#include "models/factory.hpp"
#include "train/crystal_problem.hpp"
#include "train/trained_run.hpp"

namespace {

using namespace tessera;
namespace fs = std::filesystem;

struct TrainArguments {
  std::string config;
  std::vector<std::string> overrides;
  std::string run_folder;
  bool fresh = false;
  bool overwrite = false;
};

const char* state_name(train::Outcome outcome) {
  switch (outcome) {
    case train::Outcome::Finished: return "finished";
    case train::Outcome::StoppedEarly: return "stopped_early";
    case train::Outcome::StoppedInTime: return "stopped_in_time";
  }
  return "";
}

// A run is one experiment: going on with another network, target or split would mix two.
void check_same_experiment(const fs::path& folder, const core::Config& toml,
                           const train::TrainingConfig& config) {
  if (!fs::exists(folder / "config.toml") || !fs::exists(folder / "run.json")) return;
  const auto refuse = [&](const std::string& what, const std::string& before, const std::string& now) {
    throw core::InputError(
        fmt::format("{} holds a run of another experiment: its {} is\n{}\nnow it is\n{}\n"
                    "Choose another run.dir, or start anew with --fresh --overwrite.",
                    folder.string(), what, before, now));
  };
  const auto record = train::read_run_record(folder);
  if (record.target.name != config.data.target) refuse("target", record.target.name, config.data.target);
  if (record.target.normaliser.transform != config.data.transform)
    refuse("transform", data::name_of(record.target.normaliser.transform),
           data::name_of(config.data.transform));
  const auto old_toml = core::Config::from_file(folder / "config.toml");
  const auto new_toml = core::Config::from_text(toml.resolved(), "the configuration");
  for (const std::string table : {"model", "data.split"})
    if (old_toml.table_text(table) != new_toml.table_text(table))
      refuse("[" + table + "]", old_toml.table_text(table), new_toml.table_text(table));
}

// Called by one rank.
void prepare_run_folder(const TrainArguments& arguments, const core::Config& toml,
                        const train::TrainingConfig& config) {
  const fs::path& folder = config.run_folder;
  const bool holds_run = fs::exists(folder / "checkpoints") || fs::exists(folder / "run.json");
  if (arguments.fresh && holds_run && !arguments.overwrite)
    throw core::InputError(fmt::format(
        "--fresh: {} holds a run already. Add --overwrite to delete it, or choose another run.dir.",
        folder.string()));
  if (arguments.fresh && holds_run) fs::remove_all(folder);
  check_same_experiment(folder, toml, config);
  core::make_folder(folder);
  core::write_file_atomically(folder / "config.toml", toml.resolved());
}

train::RunRecord describe_run(const train::TrainingConfig& config, const train::CrystalProblem& problem,
                              const data::CrystalStore& store, const models::Network& network) {
  train::RunRecord record;
  record.name = config.run_folder.filename().string();
  record.started = core::utc_timestamp();
  record.seed = config.train.seed;
  record.target = problem.target;
  record.dataset = fs::absolute(store.folder()).lexically_normal();
  record.preparation = store.manifest().settings;
  record.train_records = static_cast<std::int64_t>(problem.splits.train.size());
  record.validation_records = static_cast<std::int64_t>(problem.splits.validation.size());
  record.test_records = static_cast<std::int64_t>(problem.splits.test.size());
  for (const auto& parameter : network.parameters()) record.parameters += parameter.numel();
  return record;
}

int run(dist::Communicator& world, const core::CommandLine& line, const TrainArguments& arguments) {
  auto toml = train::load_config(arguments.config, arguments.overrides, world);
  if (!arguments.run_folder.empty()) toml.set(fmt::format("run.dir='{}'", arguments.run_folder));
  const auto config = train::read_training_config(toml);
  world.set_hang_timeout(config.hang_timeout_seconds);
  const torch::Device device = dist::choose_device(config.device, world);
  const int threads = config.train.threads_per_rank > 0 ? static_cast<int>(config.train.threads_per_rank)
                                                        : dist::threads_for_rank(world);
  dist::prepare_threads(threads);

  const auto memory = static_cast<std::size_t>(config.data.memory_mb) << 20;
  const auto store = world.together(
      "open the dataset", [&] { return std::make_unique<data::CrystalStore>(config.data.dataset, memory); });
  torch::manual_seed(config.train.seed);
  const auto outputs =
      world.together("read the target", [&] { return train::target_outputs(config, *store); });
  const auto network = world.together("build the network", [&] {
    auto built = models::make_network(toml.table("model"), outputs);
    toml.refuse_unknown();
    built->to(device);
    return built;
  });
  world.together("prepare the run folder", [&] {
    if (world.is_root()) prepare_run_folder(arguments, toml, config);
  });
  const auto problem =
      world.together("choose the records", [&] { return train::make_crystal_problem(config, *store); });

  train::RunRecord record = describe_run(config, problem, *store, *network);
  record.command = line.typed();
  record.ranks = world.size();
  record.hosts = world.all_gather_text(core::host_name(), "hosts");
  record.threads_per_rank = threads;
  record.device = device.str();
  world.together("write run.json and splits.csv", [&] {
    if (!world.is_root()) return;
    data::write_split(config.run_folder / "splits.csv", problem.splits, store->ids());
    train::write_run_record(config.run_folder, record);
  });
  core::log::info("{}: {} with {} parameters, {} + {} + {} records, {} ranks", record.name,
                  record.target.name, record.parameters, record.train_records, record.validation_records,
                  record.test_records, world.size());

  train::CrystalFeed feed(*store, *problem.task, network->features(), device);
  record.result = train::train({.config = config,
                                .comm = world,
                                .network = *network,
                                .task = *problem.task,
                                .feed = feed,
                                .splits = problem.splits,
                                .device = device,
                                .record_name = [&](std::int64_t i) { return store->id(i); },
                                .show_progress = !line.quiet()});
  record.finished = core::utc_timestamp();
  record.state = state_name(record.result.outcome);
  const train::TrainingResult& result = record.result;
  world.together("finish run.json", [&] {
    if (!world.is_root()) return;
    train::write_run_record(config.run_folder, record);
    fmt::print(
        "epoch={} best_epoch={} validation_{}={:.6g} seconds={:.2f} samples_per_second={:.1f} "
        "weights_sha256={}\n",
        result.epochs, result.best_epoch, problem.task->selection_metric(), result.best_metric,
        result.seconds, result.samples_per_second, result.weights_sha256);
  });
  return result.outcome == train::Outcome::StoppedInTime ? core::kExitStoppedInTime : core::kExitDone;
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
