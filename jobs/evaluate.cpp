// SPDX-License-Identifier: Apache-2.0
// tessera evaluate: open a run and a dataset, predict a split, write metrics and predictions.
#include "train/evaluate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "dist/run_job.hpp"
#include "dist/tensor/device.hpp"
#include "jobs/evaluate_pictures.hpp"
#include "jobs/grad_cam_pictures.hpp"
#include "train/dihedral_mean.hpp"
#include "train/problem.hpp"
#include "train/trained_run.hpp"

namespace {

using namespace tessera;
namespace fs = std::filesystem;

struct EvaluateArguments {
  std::string run, dataset, split, checkpoint = "best", json, predictions;
  bool flips = false, masks = false;
};

std::vector<std::int64_t> records_of(const std::string& split, const EvaluateArguments& arguments,
                                     bool own_dataset, const data::DatasetIndex& index) {
  if (split != "all") {
    if (!own_dataset)
      throw core::InputError(
          fmt::format("--split {} is of the run's own dataset; {} is evaluated whole (--split all)", split,
                      arguments.dataset));
    return train::read_split(arguments.run, split, index);
  }
  std::vector<std::int64_t> all(static_cast<std::size_t>(index.size()));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  return all;
}

// Metrics on features that were made in another way say nothing of the network.
void warn_of_other_features(const train::TrainedRun& run, const data::DatasetIndex& index) {
  const auto features = run.network->features();
  const auto trained = train::settings_of_features(run.record.preparation, features),
             given = train::settings_of_features(index.manifest().settings, features);
  if (trained != given)
    core::log::warning(
        "{} was prepared with {}, what {} was trained on with {}: the metrics mix the two. Prepare it again "
        "with the settings of the run.",
        index.folder().string(), given, run.folder.string(), trained);
}

std::string predictions_csv(const train::Task& task, const train::Predictions& predictions,
                            const data::DatasetIndex& index) {
  std::string text = "id,target,prediction\n";
  for (std::size_t i = 0; i < predictions.records.size(); ++i) {
    const std::int64_t record = predictions.records[i];
    text += core::csv_line({index.id(record), core::csv_number(task.target_value(record, predictions.row(i))),
                            core::csv_number(task.predicted_value(predictions.row(i)))});
  }
  return text;
}

std::string metrics_json(const train::TargetDescription& target, std::size_t records,
                         const train::NamedValues& metrics) {
  nlohmann::json values = nlohmann::json::object();
  for (const auto& [name, value] : metrics)
    values[name] = std::isfinite(value) ? nlohmann::json(value) : nlohmann::json();
  return nlohmann::json{{"task", target.kind},
                        {"target", target.name},
                        {"transform", data::name_of(target.normaliser.transform)},
                        {"records", records},
                        {"metrics", values}}
             .dump(1) +
         "\n";
}

int evaluate(dist::Communicator& world, const EvaluateArguments& arguments) {
  const torch::Device device = dist::choose_device("auto", world);
  dist::prepare_threads(dist::threads_for_rank(world));
  const auto run = world.together(
      "open the run", [&] { return train::open_trained_run(arguments.run, arguments.checkpoint, device); });
  const fs::path dataset = arguments.dataset.empty() ? run.record.dataset : fs::path(arguments.dataset);
  if (dataset.empty())
    throw core::InputError(fmt::format(
        "{} was imported without the dataset it was trained on. Name one to evaluate it on: --data DATASET.",
        arguments.run));
  const auto opened = world.together("open the dataset", [&] { return train::open_dataset(dataset); });
  const auto& index = opened->index();
  std::error_code ignored;
  const bool own_dataset = arguments.dataset.empty() || fs::equivalent(dataset, run.record.dataset, ignored);
  const std::string split = !arguments.split.empty() ? arguments.split : own_dataset ? "test" : "all";

  std::unique_ptr<train::Task> task;
  std::vector<std::int64_t> records;
  world.together("choose the records", [&] {
    if (world.is_root()) warn_of_other_features(run, index);
    const auto targets = train::target_column(index, run.record.target.name);
    records = records_of(split, arguments, own_dataset, index);
    const auto unusable = std::erase_if(records, [&](std::int64_t record) {
      const double target = targets[static_cast<std::size_t>(record)];
      return std::isnan(target) ||
             (run.record.target.normaliser.transform == data::Transform::Log10 && target <= 0);
    });
    if (unusable > 0)
      core::log::info("{} records have no usable {} and are left out", unusable, run.record.target.name);
    if (records.empty())
      throw core::InputError(fmt::format("the split {} of {} holds no record with {}", split,
                                         dataset.string(), run.record.target.name));
    task = train::make_task(run.record.target, targets);
  });

  const auto feed = world.together("open the feed", [&] {
    return opened->make_feed(*task, run.network->features(),
                             train::patch_options(run.config, run.record.target), device);
  });
  if (arguments.masks && task->kind() != "segmentation")
    throw core::InputError(fmt::format("--masks is of runs that learn masks, and {} has learnt {}",
                                       arguments.run, run.record.target.name));
  if (arguments.masks && !own_dataset)
    throw core::InputError(
        "--masks is of a run's own micrographs: of others, tessera predict writes the masks");
  train::DihedralMean mean(*run.network);
  if (arguments.flips && run.network->features() != models::Features::Image)
    throw core::InputError("--flips is of images: crystals are not turned");
  auto& network = arguments.flips ? static_cast<models::Network&>(mean) : *run.network;
  const auto predictions = train::predict(network, *task, *feed, records, run.config.train.global_batch,
                                          run.config.train.precision == "bf16", world);
  const auto metrics = task->metrics(predictions);
  if (arguments.masks)
    jobs::write_masks(run.folder / "predictions" / (split + "-masks"), network, *feed, index, records,
                      run.record.target.classification.classes, world);

  world.together("write the evaluation", [&] {
    if (!world.is_root()) return;
    const std::string json = metrics_json(run.record.target, predictions.records.size(), metrics);
    const std::string csv = predictions_csv(*task, predictions, index);
    if (own_dataset) {  // the report reads these
      core::make_folder(run.folder / "predictions");
      core::write_file_atomically(run.folder / fmt::format("evaluation-{}.json", split), json);
      core::write_file_atomically(run.folder / "predictions" / (split + ".csv"), csv);
      const auto pictures = run.folder / "predictions" / (split + "-pictures");
      if (task->kind() == "segmentation")
        jobs::write_pictures(pictures, network, *feed, index, predictions);
      else if (auto* traceable = jobs::traceable_network(run))
        jobs::write_grad_cams(pictures, *traceable, *task, run.record.target.normaliser, *feed, index,
                              predictions);
    }
    if (!arguments.json.empty()) core::write_file_atomically(arguments.json, json);
    if (!arguments.predictions.empty()) core::write_file_atomically(arguments.predictions, csv);
    std::string line = fmt::format("records={} split={}", predictions.records.size(), split);
    for (const auto& [name, value] : metrics) line += fmt::format(" {}={:.6g}", name, value);
    fmt::print("{}\n", line);
  });
  return core::kExitDone;
}

}  // namespace

int main(int argc, char** argv) {
  EvaluateArguments arguments;
  core::CommandLine line("evaluate",
                         "Metrics of a trained run on a split of its dataset, or on another dataset.",
                         "tessera evaluate runs/cgcnn --split test --json test.json --predictions test.csv");
  line.positional("RUN", arguments.run, "run folder");
  line.option("--data", arguments.dataset, "another dataset; evaluated whole by default");
  line.choice("--split", arguments.split, {"train", "validation", "test", "all"},
              "which records (default: test, or all of another dataset)");
  line.choice("--checkpoint", arguments.checkpoint, {"best", "last"}, "which weights");
  line.flag("--flips", arguments.flips, "images: the mean over the eight symmetries of the square");
  line.flag("--masks", arguments.masks,
            "micrographs: write all predicted and true masks into the run, for tessera measure RUN");
  line.option("--json", arguments.json, "write the metrics here too");
  line.option("--predictions", arguments.predictions, "write id,target,prediction here too");
  return dist::run_job(argc, argv, line,
                       [&](dist::Communicator& world) { return evaluate(world, arguments); });
}
