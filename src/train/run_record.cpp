// SPDX-License-Identifier: Apache-2.0
#include "train/run_record.hpp"

#include <fmt/core.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/build_info.hpp"
#include "core/error.hpp"
#include "core/file.hpp"

namespace tessera::train {
namespace {

using nlohmann::json;

json number_or_null(double value) {
  return std::isfinite(value) ? json(value) : json();
}
double number_or_nan(const json& value) {
  return value.is_null() ? TrainingResult::kNothing : value.get<double>();
}

// {"input": [rank 0's, rank 1's, …], …}
json json_of(std::span<const SectionSeconds> ranks) {
  auto sections = json::object();
  for (std::size_t section = 0; section < kSectionNames.size(); ++section)
    for (const auto& seconds : ranks) sections[kSectionNames[section]].push_back(seconds[section]);
  return sections;
}

// Of another version, sections may be missing or unknown.
std::vector<SectionSeconds> rank_seconds_from(const json& sections) {
  std::vector<SectionSeconds> ranks;
  for (std::size_t section = 0; section < kSectionNames.size(); ++section) {
    if (!sections.contains(kSectionNames[section])) continue;
    const auto seconds = sections[kSectionNames[section]].get<std::vector<double>>();
    ranks.resize(std::max(ranks.size(), seconds.size()));
    for (std::size_t rank = 0; rank < seconds.size(); ++rank) ranks[rank][section] = seconds[rank];
  }
  return ranks;
}

TrainingResult read_result(const json& run) {
  TrainingResult result;
  result.epochs = run.at("epochs_done");
  result.best_epoch = run.at("best_epoch");
  result.best_metric = number_or_nan(run.at("best_metric").at("value"));
  result.weights_sha256 = run.at("weights_sha256");
  if (run.at("state") == kImported) return result;  // its times were another program's
  result.seconds = run.at("total_seconds");
  result.samples_per_second = number_or_nan(run.at("samples_per_second"));
  if (const auto ranks = run.find("rank_seconds"); ranks != run.end())
    result.rank_seconds = rank_seconds_from(*ranks);
  return result;
}

}  // namespace

std::int64_t TargetDescription::outputs() const {
  if (kind == "regression" || (kind == "segmentation" && classification.classes == 2)) return 1;
  return classification.classes;
}

std::unique_ptr<Task> make_task(const TargetDescription& target, std::vector<double> targets) {
  if (target.kind == "classification")
    return make_classification_task(std::move(targets), target.classification, target.loss);
  if (target.kind == "segmentation")
    return make_segmentation_task(target.classification.classes, target.loss);
  return make_regression_task(std::move(targets), target.normaliser, target.loss);
}

void write_run_record(const std::filesystem::path& run_folder, const RunRecord& record) {
  const TargetDescription& target = record.target;
  const TrainingResult& result = record.result;
  json seconds = json::object();  // of rank 0
  if (!result.rank_seconds.empty())
    for (std::size_t i = 0; i < kSectionNames.size(); ++i)
      seconds[kSectionNames[i]] = result.rank_seconds.front()[i];
  const std::string metric = make_task(target, {})->selection_metric();
  json run = {
      {"name", record.name},
      {"started", record.started},
      {"finished", record.finished},
      {"state", record.state},
      {"command", record.command},
      {"version", core::version()},
      {"torch", TORCH_VERSION},
      {"compiler", core::compiler()},
      {"ranks", record.ranks},
      {"hosts", record.hosts},
      {"slurm_job", record.slurm_job},
      {"threads_per_rank", record.threads_per_rank},
      {"device", record.device},
      {"seed", record.seed},
      {"task", target.kind},
      {"target", target.name},
      {"target_unit", target.unit},
      {"transform", data::name_of(target.normaliser.transform)},
      {"normaliser", {{"mean", target.normaliser.mean}, {"standard_deviation", target.normaliser.deviation}}},
      {"classes", {{"first", target.classification.first}, {"number", target.classification.classes}}},
      {"loss", target.loss},
      {"dataset", record.dataset.string()},
      {"preparation", json::parse(record.preparation)},
      {"records",
       {{"train", record.train_records},
        {"validation", record.validation_records},
        {"test", record.test_records}}},
      {"parameters", record.parameters},
      {"seconds", seconds},
      {"rank_seconds", json_of(result.rank_seconds)},
      {"total_seconds", result.seconds},
      {"samples_per_second", number_or_null(result.samples_per_second)},
      {"epochs_done", result.epochs},
      {"best_epoch", result.best_epoch},
      {"best_metric", {{"name", "validation_" + metric}, {"value", number_or_null(result.best_metric)}}},
      {"weights_sha256", result.weights_sha256}};
  if (target.grey)
    run["grey"] = {{"mean", target.grey->mean}, {"standard_deviation", target.grey->deviation}};
  core::write_file_atomically(run_folder / "run.json", run.dump(1) + "\n");
}

RunRecord read_run_record(const std::filesystem::path& run_folder) {
  const auto file = run_folder / "run.json";
  if (!std::filesystem::exists(file))
    throw core::InputError(fmt::format("{} must be the folder of a training run (with run.json), it is not",
                                       run_folder.string()));
  return parse_run_record(core::read_file(file), file);
}

RunRecord parse_run_record(const std::string& text, const std::filesystem::path& file) {
  RunRecord record;
  try {
    const auto run = json::parse(text);
    record.name = run.at("name");
    record.state = run.at("state");
    record.target.name = run.at("target");
    record.target.unit = run.at("target_unit");
    record.target.kind = run.at("task");
    record.target.loss = run.at("loss");
    record.target.normaliser.transform = data::transform_from_name(run.at("transform"));
    record.target.normaliser.mean = run.at("normaliser").at("mean");
    record.target.normaliser.deviation = run.at("normaliser").at("standard_deviation");
    record.target.classification.first = run.at("classes").at("first");
    record.target.classification.classes = run.at("classes").at("number");
    if (const auto grey = run.find("grey"); grey != run.end())
      record.target.grey = {.mean = grey->at("mean"), .deviation = grey->at("standard_deviation")};
    if (record.state != kImported) record.dataset = run.at("dataset").get<std::string>();
    record.preparation = run.at("preparation").dump();
    record.parameters = run.at("parameters");
    record.result = read_result(run);
  } catch (const json::exception& error) {
    throw core::DataError(fmt::format("{} is damaged: {}", file.string(), error.what()));
  }
  return record;
}

}  // namespace tessera::train
