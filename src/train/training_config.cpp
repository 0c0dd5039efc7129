// SPDX-License-Identifier: Apache-2.0
#include "train/training_config.hpp"

#include <algorithm>

#include "core/file.hpp"
#include "train/loss.hpp"
#include "train/segmentation_loss.hpp"

namespace tessera::train {
namespace {

using core::ConfigTable;
using core::Range;

constexpr double kMany = 1e9;

DataOptions read_data(ConfigTable given) {
  DataOptions options;
  options.dataset = given.required_text("dataset");
  options.target = given.required_text("target");
  options.transform =
      data::transform_from_name(given.choice("transform", "none", std::vector<std::string>{"none", "log10"}));
  options.crop = given.integer("crop", options.crop, {0, 1 << 16});
  options.size = given.integer("size", options.size, {0, 1 << 14});
  options.crop_area = given.number("crop_area", options.crop_area, {0.01, 1});
  options.memory_mb = given.integer("memory_mb", options.memory_mb, {1, kMany});

  ConfigTable table = given.table("split");
  data::SplitOptions& split = options.split;
  split.by = data::split_rule_from_name(
      table.choice("by", "random", std::vector<std::string>{"random", "hash", "group", "file"}));
  split.train = table.number("train", split.train, {0, 1});
  split.validation = table.number("validation", split.validation, {0, 1});
  split.test = table.number("test", split.test, {0, 1});
  split.seed = static_cast<std::uint64_t>(table.integer("seed", 0, {0, kMany}));
  split.max_train = table.integer("max_train", 0, {0, kMany});
  split.max_validation = table.integer("max_validation", 0, {0, kMany});
  split.file = table.text("file", "");
  if (split.train + split.validation + split.test > 1 + 1e-9)
    table.refuse("train", "such that train + validation + test is at most 1");
  if (split.by == data::SplitRule::File && split.file.empty())
    table.refuse("file", "given with by = \"file\"", "Name a CSV with the columns id,split.");
  return options;
}

TrainOptions read_train(ConfigTable train) {
  TrainOptions options;
  options.epochs = train.integer("epochs", options.epochs, {1, kMany});
  options.global_batch = train.integer("global_batch", options.global_batch, {1, kMany});
  options.optimizer.name = train.choice("optimizer", options.optimizer.name,
                                        std::vector<std::string>{"sgd", "momentum", "adam", "adamw"});
  options.optimizer.momentum = train.number("momentum", options.optimizer.momentum, {0, 0.9999});
  options.optimizer.weight_decay = train.number("weight_decay", options.optimizer.weight_decay, {0, 10});
  options.learning_rate = train.number("learning_rate", options.learning_rate, {1e-12, 100});
  options.schedule =
      train.choice("schedule", options.schedule,
                   std::vector<std::string>{"constant", "step", "cosine", "one_cycle", "plateau"});
  options.warmup_epochs = train.number("warmup_epochs", options.warmup_epochs, {0, kMany});
  options.step_epochs = train.integer("step_epochs", options.step_epochs, {1, kMany});
  options.step_factor = train.number("step_factor", options.step_factor, {1e-9, 1});
  options.plateau_patience = train.integer("plateau_patience", options.plateau_patience, {0, kMany});
  auto losses = regression_losses();
  for (const auto* more : {&classification_losses(), &segmentation_losses()})
    for (const auto& name : *more)
      if (std::find(losses.begin(), losses.end(), name) == losses.end()) losses.push_back(name);
  if (train.has("loss")) options.loss = train.choice("loss", "", losses);
  options.gradient_clip = train.number("gradient_clip", options.gradient_clip, {0, kMany});
  options.accumulation = train.integer("accumulation", options.accumulation, {1, 1e6});
  options.ema = train.number("ema", options.ema, {0, 0.999999});
  options.precision =
      train.choice("precision", options.precision, std::vector<std::string>{"float32", "bf16", "fp16"});
  options.early_stop_patience = train.integer("early_stop_patience", options.early_stop_patience, {0, kMany});
  options.initial_weights = train.text("initial_weights", "");
  options.seed = static_cast<std::uint64_t>(train.integer("seed", 0, {0, 9e15}));
  options.reproducible = train.boolean("reproducible", options.reproducible);
  options.virtual_shards = train.integer("virtual_shards", options.virtual_shards, {1, 4096});
  options.threads_per_rank = train.integer("threads_per_rank", options.threads_per_rank, {0, 4096});
  options.time_limit_minutes = train.number("time_limit_minutes", options.time_limit_minutes, {0, kMany});
  options.trace_steps = train.integer("trace_steps", options.trace_steps, {0, 1e5});
  if (options.warmup_epochs > static_cast<double>(options.epochs))
    train.refuse("warmup_epochs", "at most train.epochs");
  if (options.precision == "fp16")
    train.refuse("precision", "float32 or bf16", "fp16 is not built; bf16 takes as few bytes.");
  return options;
}

microstructure::AugmentationOptions read_augmentation(ConfigTable given) {
  microstructure::AugmentationOptions options;
  options.dihedral = given.boolean("dihedral", options.dihedral);
  options.rotate = given.boolean("rotate", options.rotate);
  options.elastic = given.number("elastic", options.elastic, {0, 100});
  options.brightness = given.number("brightness", options.brightness, {0, 10});
  options.contrast = given.number("contrast", options.contrast, {0, 3});
  options.gamma = given.number("gamma", options.gamma, {0, 3});
  options.noise = given.number("noise", options.noise, {0, 10});
  options.blur = given.number("blur", options.blur, {0, 20});
  return options;
}

}  // namespace

core::Config load_config(const std::string& path, const std::vector<std::string>& overrides,
                         const dist::Communicator& comm) {
  const std::string text = comm.together(
      "read the configuration", [&] { return comm.is_root() ? core::read_file(path) : std::string(); });
  auto config = core::Config::from_text(comm.broadcast_text(text, "configuration"), path);
  for (const auto& assignment : overrides) config.set(assignment);
  return config;
}

TrainingConfig read_training_config(core::Config& config) {
  TrainingConfig options;
  options.data = read_data(config.table("data"));
  options.train = read_train(config.table("train"));
  options.augmentation = read_augmentation(config.table("augmentation"));
  ConfigTable checkpoint = config.table("checkpoint");
  options.checkpoint.every_minutes =
      checkpoint.number("every_minutes", options.checkpoint.every_minutes, {0, kMany});
  options.checkpoint.every_epochs =
      checkpoint.integer("every_epochs", options.checkpoint.every_epochs, {1, kMany});
  options.checkpoint.keep = checkpoint.integer("keep", options.checkpoint.keep, {1, kMany});
  options.device =
      config.table("dist").choice("device", options.device, std::vector<std::string>{"auto", "cpu", "cuda"});
  options.hang_timeout_seconds =
      config.table("dist").number("hang_timeout", options.hang_timeout_seconds, {0, kMany});
  options.run_folder = config.table("run").required_text("dir");
  return options;
}

}  // namespace tessera::train
