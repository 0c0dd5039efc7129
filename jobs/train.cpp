// SPDX-License-Identifier: Apache-2.0
// tessera train: read the configuration, open the dataset, build the network, train, keep the record.
#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "core/build_info.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/freed_memory.hpp"
#include "core/log.hpp"
#include "dist/run_job.hpp"
#include "dist/tensor/device.hpp"
#include "models/factory.hpp"
#include "train/problem.hpp"
#include "train/safetensors.hpp"
#include "train/trained_run.hpp"
#include "train/weights.hpp"

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

// Weights that depend on the number of ranks by way of their threads would not be reproducible.
int choose_threads(const train::TrainOptions& options, const dist::Communicator& world) {
  if (options.threads_per_rank > 0) return static_cast<int>(options.threads_per_rank);
  return options.reproducible ? 1 : dist::threads_for_rank(world);
}

// A run is one experiment: going on with another network, target, split, optimiser or kind of features would
// mix two.
void check_same_experiment(const core::Config& toml, const train::TrainingConfig& config,
                           const data::DatasetIndex& index, models::Features features) {
  const fs::path& folder = config.run_folder;
  if (!fs::exists(folder / "config.toml") || !fs::exists(folder / "run.json")) return;
  const auto refuse = [&](const std::string& what, const std::string& before, const std::string& now) {
    throw core::InputError(
        fmt::format("{} holds a run of another experiment: its {} is\n{}\nnow it is\n{}\n"
                    "Choose another run.dir, or start anew with --fresh --overwrite.",
                    folder.string(), what, before, now));
  };
  const auto record = train::read_run_record(folder);
  if (record.state == train::kImported)
    throw core::InputError(
        fmt::format("{} holds imported weights, from which no training can go on. Choose another run.dir.",
                    folder.string()));
  if (record.target.name != config.data.target) refuse("target", record.target.name, config.data.target);
  if (record.target.normaliser.transform != config.data.transform)
    refuse("transform", data::name_of(record.target.normaliser.transform),
           data::name_of(config.data.transform));
  const auto prepared = train::settings_of_features(record.preparation, features),
             given = train::settings_of_features(index.manifest().settings, features);
  if (prepared != given) refuse("dataset's preparation", prepared, given);
  auto old_toml = core::Config::from_file(folder / "config.toml");
  const auto optimizer = old_toml.table("train").text("optimizer", config.train.optimizer.name);
  if (optimizer != config.train.optimizer.name)
    refuse("train.optimizer", optimizer, config.train.optimizer.name);
  const auto new_toml = core::Config::from_text(toml.resolved(), "the configuration");
  for (const std::string table : {"model", "data.split"})
    if (old_toml.table_text(table) != new_toml.table_text(table))
      refuse("[" + table + "]", old_toml.table_text(table), new_toml.table_text(table));
}

// Called by one rank.
void clear_for_fresh_start(const TrainArguments& arguments, const fs::path& folder) {
  const bool holds_run = fs::exists(folder / "checkpoints") || fs::exists(folder / "run.json");
  if (arguments.fresh && holds_run && !arguments.overwrite)
    throw core::InputError(fmt::format(
        "--fresh: {} holds a run already. Add --overwrite to delete it, or choose another run.dir.",
        folder.string()));
  if (arguments.fresh && holds_run) fs::remove_all(folder);
}

train::RunRecord describe_run(const train::TrainingConfig& config, const train::Problem& problem,
                              const data::DatasetIndex& index, const models::Network& network) {
  train::RunRecord record;
  record.name = config.run_folder.filename().string();
  record.started = core::utc_timestamp();
  record.seed = config.train.seed;
  record.target = problem.target;
  record.dataset = fs::absolute(index.folder()).lexically_normal();
  record.preparation = index.manifest().settings;
  record.train_records = static_cast<std::int64_t>(problem.splits.train.size());
  record.validation_records = static_cast<std::int64_t>(problem.splits.validation.size());
  record.test_records = static_cast<std::int64_t>(problem.splits.test.size());
  for (const auto& parameter : network.parameters()) record.parameters += parameter.numel();
  return record;
}

int run(dist::Communicator& world, const core::CommandLine& line, const TrainArguments& arguments) {
  dist::watch_stop_signals();
  auto toml = train::load_config(arguments.config, arguments.overrides, world);
  if (!arguments.run_folder.empty()) toml.set_text("run.dir", arguments.run_folder);
  const auto config = train::read_training_config(toml);
  world.set_hang_timeout(config.hang_timeout_seconds);
  const torch::Device device = dist::choose_device(config.device, world);
  const int threads = choose_threads(config.train, world);
  dist::prepare_threads(threads);
  core::keep_freed_memory();

  const auto memory = static_cast<std::size_t>(config.data.memory_mb) << 20;
  const auto dataset =
      world.together("open the dataset", [&] { return train::open_dataset(config.data.dataset, memory); });
  const auto& index = dataset->index();
  torch::manual_seed(config.train.seed);
  const auto outputs =
      world.together("read the target", [&] { return train::target_outputs(config, *dataset); });
  const auto network = world.together("build the network", [&] {
    auto built = models::make_network(toml.table("model"), outputs);
    toml.refuse_unknown();
    if (const auto& weights = config.train.initial_weights; !weights.empty())
      train::load_weights(*built, train::read_safetensors(weights), weights.string());
    built->to(device);
    return built;
  });
  world.together("look at the run folder", [&] {
    if (!world.is_root()) return;
    clear_for_fresh_start(arguments, config.run_folder);
    check_same_experiment(toml, config, index, network->features());
  });
  std::optional<train::RunRecord> earlier;
  const auto problem = world.together("choose the records", [&] {
    if (fs::exists(config.run_folder / "run.json")) earlier = train::read_run_record(config.run_folder);
    return train::make_problem(config, *dataset, earlier ? &*earlier : nullptr);
  });

  train::RunRecord record = describe_run(config, problem, index, *network);
  record.command = line.typed();
  record.ranks = world.size();
  record.hosts = world.all_gather_text(core::host_name(), "hosts");
  record.threads_per_rank = threads;
  record.device = device.str();
  if (earlier) record.result = earlier->result;
  core::log::info("{}: {} with {} parameters, {} + {} + {} records, {} ranks", record.name,
                  record.target.name, record.parameters, record.train_records, record.validation_records,
                  record.test_records, world.size());

  const auto feed = world.together("open the feed", [&] {
    return dataset->make_feed(
        *problem.task, network->features(),
        {.side = config.data.crop, .augmentation = config.augmentation, .seed = config.train.seed}, device);
  });
  // Only once it is known that the training can go on: a refusal leaves the folder as it was.
  const auto keep_record = [&] {
    world.together("write config.toml, splits.csv and run.json", [&] {
      if (!world.is_root()) return;
      core::make_folder(config.run_folder);
      core::write_file_atomically(config.run_folder / "config.toml", toml.resolved());
      data::write_split(config.run_folder / "splits.csv", problem.splits, index.ids());
      train::write_run_record(config.run_folder, record);
    });
  };
  auto result = train::train({.config = config,
                              .comm = world,
                              .network = *network,
                              .task = *problem.task,
                              .feed = *feed,
                              .splits = problem.splits,
                              .device = device,
                              .record_name = [&](std::int64_t i) { return index.id(i); },
                              .show_progress = !line.quiet(),
                              .on_start = keep_record});
  if (result.steps == 0 && earlier) {  // nothing was measured in this start
    result.samples_per_second = earlier->result.samples_per_second;
    result.section_seconds = earlier->result.section_seconds;
    result.seconds =
        std::max(result.seconds, earlier->result.seconds);  // the checkpoint's end before the run
  }
  record.result = result;
  record.finished = core::utc_timestamp();
  record.state = state_name(result.outcome);
  world.together("finish run.json", [&] {
    if (!world.is_root()) return;
    // A killed start may have left its last checkpoint, but not its end, in the record.
    if (result.steps > 0 || !earlier || earlier->state != record.state)
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
