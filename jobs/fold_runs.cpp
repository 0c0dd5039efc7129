// SPDX-License-Identifier: Apache-2.0
#include "jobs/fold_runs.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "dist/tensor/device.hpp"
#include "dist/tensor/replicate.hpp"
#include "train/evaluate.hpp"
#include "train/problem.hpp"
#include "train/trained_run.hpp"

namespace tessera::jobs {
namespace {

namespace fs = std::filesystem;

// What may change between two starts: nothing of it changes what is learnt, or a run takes it as more to do.
constexpr std::array kMayChange{"epochs",           "early_stop_patience", "time_limit_minutes",
                                "threads_per_rank", "trace_steps",         "dataset",
                                "memory_mb"};

// Folds trained in different ways are not one experiment. A setting that an earlier Tessera did not have
// stands for what was done without it. What data.split says shows in the folds themselves.
void check_same_settings(const fs::path& file, const std::string& resolved) {
  const auto old_config = core::Config::from_file(file),
             new_config = core::Config::from_text(resolved, "now");
  for (const char* table : {"data", "model", "train", "augmentation"}) {
    std::istringstream then(old_config.table_text(table));
    const auto now_text = new_config.table_text(table);
    const auto now = core::split(now_text, '\n');
    for (std::string line; std::getline(then, line) && !line.starts_with('[');) {
      const auto key = core::trim(std::string_view(line).substr(0, line.find('=')));
      if (key.empty() || std::ranges::find(kMayChange, key) != kMayChange.end() ||
          std::ranges::find(now, std::string_view(line)) != now.end())
        continue;
      throw core::InputError(
          fmt::format("{} was begun with {}.{}, which must stay: folds trained in different ways are not one "
                      "cross-validation. Choose another --run.",
                      file.parent_path().string(), table, line));
    }
  }
}

}  // namespace

fs::path FoldRuns::folder_of(std::size_t fold) const {
  return options_.folder / "folds" / std::to_string(fold);
}

core::Config FoldRuns::config_of(std::size_t fold) const {
  auto toml = core::Config::from_text(options_.config, "the configuration");
  const auto folder = folder_of(fold);
  toml.set_text("run.dir", folder.string());
  // Absolute: the run is the same experiment however its folder is named.
  toml.set_text("data.split.by", "file");
  toml.set_text("data.split.file", fs::absolute(folder / "splits.csv").lexically_normal().string());
  toml.set("data.split.max_train=0");  // the list holds as many as there shall be
  toml.set("data.split.max_validation=0");
  if (options_.time_limit_minutes > 0)  // a start that has none left takes one step, saves and stops
    toml.set(fmt::format("train.time_limit_minutes={}",
                         std::max(1e-9, options_.time_limit_minutes - seconds_here_ / 60)));
  return toml;
}

void FoldRuns::prepare(const std::string& resolved) const {
  comm_.together("write the folds", [&] {
    if (!comm_.is_root()) return;
    const auto ids = dataset_.index().ids();
    const auto file = options_.folder / "config.toml";
    if (fs::exists(options_.folder / "run.json"))
      throw core::InputError(
          fmt::format("{} holds a training. Choose another folder: --run.", options_.folder.string()));
    if (fs::exists(file)) check_same_settings(file, resolved);
    std::vector<data::Split> splits;
    for (const auto& fold : plan_.folds)
      splits.push_back({plan_.record_numbers(fold.train), plan_.record_numbers(fold.validation),
                        plan_.record_numbers(fold.test)});
    for (std::size_t fold = 0; fold <= splits.size(); ++fold) {
      const auto kept = folder_of(fold) / "splits.csv";
      if (!fs::exists(kept)) continue;
      if (fold == splits.size() || data::read_split(kept, ids) != splits[fold])
        throw core::InputError(fmt::format(
            "{} holds a cross-validation of other folds: {} is not what the dataset, --folds and data.split "
            "give now. Choose another --run, or go on with what it was begun with.",
            options_.folder.string(), kept.string()));
    }
    for (std::size_t fold = 0; fold < splits.size(); ++fold) {
      core::make_folder(folder_of(fold));
      if (!fs::exists(folder_of(fold) / "splits.csv"))
        data::write_split(folder_of(fold) / "splits.csv", splits[fold], ids);
    }
    core::write_file_atomically(file, resolved);
  });
}

train::TrainingResult FoldRuns::train(std::size_t fold) {
  const core::Stopwatch stopwatch;
  auto toml = config_of(fold);
  auto result = train::run_training(comm_, toml, dataset_,
                                    {.show_progress = options_.show_progress, .command = options_.command});
  // Every rank has the root's clock: what is left of the time is part of the configuration.
  double seconds = stopwatch.seconds();
  comm_.broadcast(std::span(&seconds, 1), "seconds of a fold");
  seconds_here_ += seconds;
  return result;
}

std::vector<double> FoldRuns::predict_held_out(std::size_t fold) const {
  auto toml = config_of(fold);
  const auto device = dist::choose_device(train::read_training_config(toml).device, comm_);
  const auto run = comm_.together("open the fold's run",
                                  [&] { return train::open_trained_run(folder_of(fold), "best", device); });
  // The root's weights for all: on a shared disk another rank might still see the best of before.
  dist::NamedTensors weights;
  for (const auto& parameter : run.network->named_parameters())
    weights.emplace_back(parameter.key(), parameter.value());
  for (const auto& buffer : run.network->named_buffers()) weights.emplace_back(buffer.key(), buffer.value());
  dist::TensorCommunicator tensors(comm_, device);
  dist::broadcast_tensors(tensors, weights);
  const auto task =
      train::make_task(run.record.target, train::target_column(dataset_.index(), run.record.target.name));
  const auto feed = comm_.together("open the feed", [&] {
    return dataset_.make_feed(*task, run.network->features(),
                              train::patch_options(run.config, run.record.target), device);
  });
  const auto predictions =
      train::predict(*run.network, *task, *feed, plan_.record_numbers(plan_.folds[fold].test),
                     run.config.train.global_batch, run.config.train.precision == "bf16", comm_);
  std::vector<double> values;
  for (std::size_t i = 0; i < predictions.records.size(); ++i)
    values.push_back(task->predicted_value(predictions.row(i)));
  return values;
}

}  // namespace tessera::jobs
