// SPDX-License-Identifier: Apache-2.0
#include "train/training_run.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>

#include "core/build_info.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/freed_memory.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "dist/slurm_job.hpp"
#include "dist/tensor/device.hpp"
#include "models/factory.hpp"
#include "models/safetensors.hpp"
#include "train/problem.hpp"
#include "train/straggler.hpp"
#include "train/weights.hpp"

namespace tessera::train {
namespace {

namespace fs = std::filesystem;

const char* state_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::Finished: return "finished";
    case Outcome::StoppedEarly: return "stopped_early";
    case Outcome::StoppedInTime: return "stopped_in_time";
    case Outcome::Halted: return "halted";
  }
  return "";
}

// Weights that depend on the number of ranks by way of their threads would not be reproducible.
int choose_threads(const TrainOptions& options, const TrainingStart& start, const dist::Communicator& world) {
  if (options.threads_per_rank > 0) return static_cast<int>(options.threads_per_rank);
  if (options.reproducible) return 1;
  return start.threads ? *start.threads : dist::threads_for_rank(world);
}

std::string_view key_of(std::string_view line) {
  return core::trim(line.substr(0, line.find('=')));
}

// The table as it is now, without settings that a Tessera of then did not have and nobody has given: they
// stand for what was done without them.
std::string known_then(const std::string& now, const std::string& then, const core::ConfigTable& given) {
  std::set<std::string_view> keys;
  for (const auto line : core::split(then, '\n')) keys.insert(key_of(line));
  std::string text;
  for (const auto line : core::split(now, '\n'))
    if (keys.contains(key_of(line)) || given.has(key_of(line)))
      text += (text.empty() ? "" : "\n") + std::string(line);
  return text;
}

// A run is one experiment: going on with another network, target, split, optimiser or kind of features would
// mix two.
void check_same_experiment(core::Config& toml, const TrainingConfig& config, const data::DatasetIndex& index,
                           models::Features features) {
  const fs::path& folder = config.run_folder;
  if (!fs::exists(folder / "config.toml") || !fs::exists(folder / "run.json")) return;
  const auto refuse = [&](const std::string& what, const std::string& before, const std::string& now) {
    throw core::InputError(
        fmt::format("{} holds a run of another experiment: its {} is\n{}\nnow it is\n{}\n"
                    "Choose another run.dir, or start anew with --fresh --overwrite.",
                    folder.string(), what, before, now));
  };
  const auto record = read_run_record(folder);
  if (record.state == kImported)
    throw core::InputError(
        fmt::format("{} holds imported weights, from which no training can go on. Choose another run.dir.",
                    folder.string()));
  if (record.target.name != config.data.target) refuse("target", record.target.name, config.data.target);
  if (record.target.normaliser.transform != config.data.transform)
    refuse("transform", data::name_of(record.target.normaliser.transform),
           data::name_of(config.data.transform));
  const auto prepared = settings_of_features(record.preparation, features),
             given = settings_of_features(index.manifest().settings, features);
  if (prepared != given) refuse("dataset's preparation", prepared, given);
  auto old_toml = core::Config::from_file(folder / "config.toml");
  const auto optimizer = old_toml.table("train").text("optimizer", config.train.optimizer.name);
  if (optimizer != config.train.optimizer.name)
    refuse("train.optimizer", optimizer, config.train.optimizer.name);
  // Weights see features of a size in pixels.
  const auto size = old_toml.table("data").integer("size", config.data.size);
  if (size != config.data.size) refuse("data.size", std::to_string(size), std::to_string(config.data.size));
  const auto new_toml = core::Config::from_text(toml.resolved(), "the configuration");
  const auto check_table = [&](const std::string& name, const core::ConfigTable& as_given) {
    const auto then = old_toml.table_text(name), now = known_then(new_toml.table_text(name), then, as_given);
    if (then != now) refuse("[" + name + "]", then, now);
  };
  check_table("model", toml.table("model"));
  check_table("data.split", toml.table("data").table("split"));
}

// Called by one rank.
void clear_for_fresh_start(const TrainingStart& start, const fs::path& folder) {
  const bool holds_run = fs::exists(folder / "checkpoints") || fs::exists(folder / "run.json");
  if (start.fresh && holds_run && !start.overwrite)
    throw core::InputError(fmt::format(
        "--fresh: {} holds a run already. Add --overwrite to delete it, or choose another run.dir.",
        folder.string()));
  if (start.fresh && holds_run) fs::remove_all(folder);
}

RunRecord describe_run(const TrainingConfig& config, const Problem& problem, const data::DatasetIndex& index,
                       const models::Network& network) {
  RunRecord record;
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

}  // namespace

std::unique_ptr<Dataset> open_dataset(const TrainingConfig& config) {
  return open_dataset(config.data.dataset, static_cast<std::size_t>(config.data.memory_mb) << 20);
}

TrainingResult run_training(const dist::Communicator& comm, core::Config& toml, const Dataset& dataset,
                            const TrainingStart& start) {
  const SectionClock clock;
  const auto config = read_training_config(toml);
  comm.set_hang_timeout(config.hang_timeout_seconds);
  const torch::Device device = start.device ? *start.device : dist::choose_device(config.device, comm);
  const int threads = choose_threads(config.train, start, comm);
  dist::prepare_threads(threads);
  core::keep_freed_memory();

  const auto& index = dataset.index();
  torch::manual_seed(config.train.seed);
  const auto outputs = comm.together("read the target", [&] { return target_outputs(config, dataset); });
  const auto network = comm.together("build the network", [&] {
    auto built = models::make_network(toml.table("model"), outputs);
    toml.refuse_unknown();
    check_fits(config, index, *built, toml.table("model").text("name", ""));
    if (const auto& weights = config.train.initial_weights; !weights.empty())
      load_weights(*built, models::read_safetensors(weights), weights.string());
    built->to(device);
    return built;
  });
  comm.together("look at the run folder", [&] {
    if (!comm.is_root()) return;
    clear_for_fresh_start(start, config.run_folder);
    check_same_experiment(toml, config, index, network->features());
  });
  // One rank reads it for all: on a shared disk another might not see yet what was written or removed just
  // now.
  const auto file = config.run_folder / "run.json";
  const auto kept = comm.together("read run.json", [&] {
    return comm.is_root() && fs::exists(file) ? core::read_file(file) : std::string();
  });
  std::optional<RunRecord> earlier;
  auto problem = comm.together("choose the records", [&, text = comm.broadcast_text(kept, "run.json")] {
    if (!text.empty()) earlier = parse_run_record(text, file);
    return make_problem(config, dataset, earlier ? &*earlier : nullptr);
  });

  if (index.schema().kind == data::kImages && problem.target.kind == "regression" && !problem.target.grey)
    problem.target.grey = fit_grey_scale(dataset, problem.splits.train, comm);

  RunRecord record = describe_run(config, problem, index, *network);
  record.command = start.command;
  record.slurm_job = dist::slurm_job();
  record.ranks = comm.size();
  record.hosts = comm.all_gather_text(core::host_name(), "hosts");
  record.threads_per_rank = threads;
  record.device = device.str();
  if (earlier) record.result = earlier->result;
  core::log::info("{}: {} with {} parameters, {} + {} + {} records, {} ranks", record.name,
                  record.target.name, record.parameters, record.train_records, record.validation_records,
                  record.test_records, comm.size());

  const auto feed = comm.together("open the feed", [&] {
    return dataset.make_feed(*problem.task, network->features(), patch_options(config, problem.target),
                             device);
  });
  // Only once it is known that the training can go on: a refusal leaves the folder as it was.
  const auto keep_record = [&] {
    comm.together("write config.toml, splits.csv and run.json", [&] {
      if (!comm.is_root()) return;
      core::make_folder(config.run_folder);
      core::write_file_atomically(config.run_folder / "config.toml", toml.resolved());
      data::write_split(config.run_folder / "splits.csv", problem.splits, index.ids());
      write_run_record(config.run_folder, record);
    });
  };
  auto result = train({.config = config,
                       .comm = comm,
                       .network = *network,
                       .task = *problem.task,
                       .feed = *feed,
                       .splits = problem.splits,
                       .device = device,
                       .record_name = [&](std::int64_t i) { return index.id(i); },
                       .show_progress = start.show_progress,
                       .on_start = keep_record,
                       .after_epoch = start.after_epoch,
                       .clock = clock});
  if (result.steps == 0 && earlier) {  // nothing was measured in this start
    result.samples_per_second = earlier->result.samples_per_second;
    result.rank_seconds = earlier->result.rank_seconds;
    result.seconds =
        std::max(result.seconds, earlier->result.seconds);  // the checkpoint's end before the run
  }
  if (const auto slow = find_straggler(result.rank_seconds))
    core::log::info("rank {} on {} worked {:.2g} times as long as the median rank: the others waited for it",
                    slow->rank, record.hosts[static_cast<std::size_t>(slow->rank)], slow->times_median);
  record.result = result;
  record.finished = core::utc_timestamp();
  record.state = state_name(result.outcome);
  comm.together("finish run.json", [&] {
    if (!comm.is_root()) return;
    // A killed start may have left its last checkpoint, but not its end, in the record.
    if (result.steps > 0 || !earlier || earlier->state != record.state)
      write_run_record(config.run_folder, record);
  });
  return result;
}

}  // namespace tessera::train
