// SPDX-License-Identifier: Apache-2.0
#include "report/run_folder.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "core/config.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "report/number.hpp"

namespace tessera::report {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<std::int64_t> whole_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

// Every number of an object, null as NaN.
std::vector<std::pair<std::string, double>> numbers_of(const Json& json, const char* key) {
  std::vector<std::pair<std::string, double>> numbers;
  const auto found = json.find(key);
  if (found == json.end() || !found->is_object()) return numbers;
  for (const auto& [name, value] : found->items())
    if (value.is_number() || value.is_null())
      numbers.emplace_back(name,
                           value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
  return numbers;
}

// Runs `read`; what it cannot read becomes a sentence in `missing`.
template <typename Read>
void attempt(std::vector<std::string>& missing, const fs::path& file, const std::string& lacking, Read read) {
  if (!fs::exists(file)) {
    missing.push_back(fmt::format("{} is not there: {}", file.string(), lacking));
    return;
  }
  try {
    read();
  } catch (const core::Error& error) {
    missing.push_back(fmt::format("{} ({})", error.what(), lacking));
  } catch (const nlohmann::json::exception& error) {
    missing.push_back(fmt::format("{} is not valid JSON: {} ({})", file.string(), error.what(), lacking));
  }
}

RunFacts read_facts(const fs::path& file) {
  const Json json = Json::parse(core::read_file(file));
  RunFacts facts;
  for (const auto& [key, text] :
       std::initializer_list<std::pair<const char*, std::string*>>{{"name", &facts.name},
                                                                   {"started", &facts.started},
                                                                   {"finished", &facts.finished},
                                                                   {"state", &facts.state},
                                                                   {"command", &facts.command},
                                                                   {"slurm_job", &facts.slurm_job},
                                                                   {"version", &facts.version},
                                                                   {"torch", &facts.torch},
                                                                   {"compiler", &facts.compiler},
                                                                   {"device", &facts.device},
                                                                   {"task", &facts.task},
                                                                   {"target", &facts.target},
                                                                   {"target_unit", &facts.target_unit},
                                                                   {"transform", &facts.transform},
                                                                   {"dataset", &facts.dataset}})
    *text = text_of(json, key);
  for (const auto& [key, whole] : std::initializer_list<std::pair<const char*, std::optional<std::int64_t>*>>{
           {"ranks", &facts.ranks},
           {"threads_per_rank", &facts.threads_per_rank},
           {"seed", &facts.seed},
           {"parameters", &facts.parameters},
           {"epochs_done", &facts.epochs_done},
           {"best_epoch", &facts.best_epoch}})
    *whole = whole_of(json, key);
  for (const auto& host : json.value("hosts", Json::array()))
    if (host.is_string()) facts.hosts.push_back(host.get<std::string>());
  for (const auto& [name, count] : numbers_of(json, "records"))
    facts.records.emplace_back(name, static_cast<std::int64_t>(count));
  facts.seconds = numbers_of(json, "seconds");
  const auto by_rank = json.value("rank_seconds", Json::object());
  for (const auto& [name, seconds] : by_rank.items())
    facts.rank_seconds.emplace_back(name, seconds.get<std::vector<double>>());
  if (const auto total = json.find("total_seconds"); total != json.end() && total->is_number())
    facts.total_seconds = total->get<double>();
  if (facts.best_epoch == 0) facts.best_epoch.reset();
  if (const auto best = json.find("best_metric"); best != json.end() && best->is_object()) {
    facts.best_metric = text_of(*best, "name");
    if (best->contains("value") && (*best)["value"].is_number())
      facts.best_value = (*best)["value"].get<double>();
  }
  return facts;
}

void read_curves(const fs::path& file, RunFolder& run) {
  const core::CsvTable table = core::read_csv(file);
  run.curve_columns = table.header;
  run.curves.resize(table.header.size());
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < row.fields.size(); ++i)
      run.curves[i].push_back(
          core::parse_number(row.fields[i]).value_or(std::numeric_limits<double>::quiet_NaN()));
}

Evaluation read_evaluation(const fs::path& file, const std::string& split) {
  const Json json = Json::parse(core::read_file(file));
  return {split, text_of(json, "task"), whole_of(json, "records"), numbers_of(json, "metrics")};
}

Pictures read_pictures(const fs::path& folder, const std::string& split, const RunFacts& facts) {
  const auto table = core::read_csv(folder / "pictures.csv");
  Pictures found{.split = split, .pictures = {}, .are_grad_cams = !table.column("iou")};
  for (const auto& row : table.rows) {
    const auto& name = row.fields.at(0);
    const auto number = [&](std::size_t i) { return core::parse_number(row.fields.at(i)).value_or(NAN); };
    std::string caption = fmt::format("{}: {}, ", name.substr(0, name.find('-')), row.fields.at(1));
    if (found.are_grad_cams)
      caption += fmt::format(
          "{} {}{}, predicted {}", facts.target.empty() ? "target" : facts.target, format_number(number(2)),
          facts.target_unit.empty() ? "" : " " + facts.target_unit, format_number(number(3)));
    else
      caption +=
          fmt::format("IoU {:.3f}, boundary {:.0f} px, in truth {:.0f} px", number(2), number(3), number(4));
    found.pictures.push_back({core::read_file(folder / name), caption});
  }
  return found;
}

Predictions read_predictions(const fs::path& file) {
  const core::CsvTable table = core::read_csv(file);
  const auto id = table.column("id"), target = table.column("target"),
             prediction = table.column("prediction");
  if (!id || !target || !prediction)
    throw core::InputError(fmt::format("{} must have the columns id, target and prediction, got {}",
                                       file.string(), core::join(table.header, ", ")));
  Predictions read{.split = file.stem().string(), .id = {}, .target = {}, .prediction = {}};
  for (const auto& row : table.rows) {
    read.id.push_back(row.fields[*id]);
    read.target.push_back(row.fields[*target]);
    read.prediction.push_back(row.fields[*prediction]);
  }
  return read;
}

// Test, validation, train, then whatever else in order of name.
std::pair<int, std::string> order_of(const std::string& split) {
  const std::vector<std::string> known{"test", "validation", "train"};
  return {static_cast<int>(std::find(known.begin(), known.end(), split) - known.begin()), split};
}

template <typename Part>
void sort_by_split(std::vector<Part>& parts) {
  std::sort(parts.begin(), parts.end(),
            [](const Part& a, const Part& b) { return order_of(a.split) < order_of(b.split); });
}

std::vector<fs::path> files_in(const fs::path& folder, std::string_view prefix, std::string_view suffix) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && name.ends_with(suffix)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void read_splits(const fs::path& file, RunFolder& run) {
  const core::CsvTable table = core::read_csv(file);
  const auto split = table.column("split");
  if (!split) throw core::InputError(fmt::format("{} must have a column split", file.string()));
  std::map<std::pair<int, std::string>, std::int64_t> counts;
  for (const auto& row : table.rows) ++counts[order_of(row.fields[*split])];
  for (const auto& [key, count] : counts) run.split_counts.emplace_back(key.second, count);
}

void read_config(const fs::path& file, RunFolder& run) {
  run.config = core::read_file(file);
  auto config = core::Config::from_text(run.config, file.string());
  run.model = config.table("model").text("name", "");
  if (run.facts.dataset.empty()) run.facts.dataset = config.table("data").text("dataset", "");
}

void read_quarantine(RunFolder& run) {
  if (run.facts.dataset.empty()) return;
  fs::path dataset = run.facts.dataset;
  if (!fs::exists(dataset)) dataset = run.path / run.facts.dataset;
  attempt(run.missing, dataset / "quarantine.csv", "records left out of the dataset cannot be listed",
          [&] { run.quarantine = core::read_csv(dataset / "quarantine.csv"); });
}

}  // namespace

RunFolder read_run_folder(const fs::path& path) {
  RunFolder run;
  run.path = fs::absolute(path / "").parent_path();  // named also where given as "." or with a slash
  const auto facts = path / "run.json", config = path / "config.toml", curves = path / "metrics.csv",
             splits = path / "splits.csv";
  if (!fs::exists(facts) && !fs::exists(config) && !fs::exists(curves))
    throw core::InputError(fmt::format(
        "{} must be the folder of a run, with run.json, config.toml or metrics.csv in it; none is there. "
        "Give the folder that `tessera train` wrote.",
        path.string()));

  attempt(run.missing, facts, "when, where and by what it was trained is not known",
          [&] { run.facts = read_facts(facts); });
  attempt(run.missing, config, "the settings are not known", [&] { read_config(config, run); });
  attempt(run.missing, curves, "there are no learning curves", [&] { read_curves(curves, run); });
  attempt(run.missing, splits, "the splits cannot be counted", [&] { read_splits(splits, run); });

  constexpr std::string_view kPrefix = "evaluation-", kSuffix = ".json";
  for (const auto& file : files_in(path, kPrefix, kSuffix)) {
    std::string split = file.filename().string();
    split = split.substr(kPrefix.size(), split.size() - kPrefix.size() - kSuffix.size());
    attempt(run.missing, file, "these metrics are left out",
            [&] { run.evaluations.push_back(read_evaluation(file, split)); });
  }
  for (const auto& file : files_in(path / "predictions", "", ".csv"))
    attempt(run.missing, file, "these predictions are left out",
            [&] { run.predictions.push_back(read_predictions(file)); });
  for (const auto& predictions : run.predictions)
    if (const auto folder = path / "predictions" / (predictions.split + "-pictures"); fs::exists(folder))
      attempt(run.missing, folder / "pictures.csv", "its pictures are left out",
              [&] { run.pictures.push_back(read_pictures(folder, predictions.split, run.facts)); });
  sort_by_split(run.evaluations);
  sort_by_split(run.predictions);
  sort_by_split(run.pictures);
  if (run.evaluations.empty())
    run.missing.push_back("no evaluation-<split>.json: `tessera evaluate` has not been run on it");
  if (run.predictions.empty()) run.missing.push_back("no predictions/*.csv: single records cannot be shown");
  read_quarantine(run);
  return run;
}

}  // namespace tessera::report
