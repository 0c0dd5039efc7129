// SPDX-License-Identifier: Apache-2.0
#include "report/run_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/build_info.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "report/chart.hpp"
#include "report/html_report.hpp"
#include "report/number.hpp"
#include "report/picture.hpp"
#include "report/prediction_sections.hpp"
#include "report/run_folder.hpp"

namespace tessera::report {
namespace {

constexpr std::size_t kQuarantineShown = 50;

const std::vector<double>* column_of(const RunFolder& run, std::string_view name) {
  const auto found = std::find(run.curve_columns.begin(), run.curve_columns.end(), name);
  if (found == run.curve_columns.end()) return nullptr;
  return &run.curves[static_cast<std::size_t>(found - run.curve_columns.begin())];
}

double section_seconds(const RunFacts& facts) {
  double total = 0;
  for (const auto& [section, seconds] : facts.seconds) total += std::isfinite(seconds) ? seconds : 0;
  return total;
}

double total_seconds(const RunFacts& facts) {
  return facts.total_seconds.value_or(section_seconds(facts));
}

std::string task_of(const RunFolder& run) {
  if (!run.facts.task.empty()) return run.facts.task;
  for (const auto& evaluation : run.evaluations)
    if (!evaluation.task.empty()) return evaluation.task;
  return "";
}

// "cgcnn (134 081 parameters), trained to predict log10 k_vrh_gpa (GPa) on 1 519 records in 60 epochs on 2
// ranks".
std::string in_one_sentence(const RunFolder& run) {
  const RunFacts& facts = run.facts;
  std::string text = run.model.empty() ? "A model" : run.model;
  if (facts.parameters) text += fmt::format(" ({} parameters)", format_count(*facts.parameters));
  text += ", trained";
  if (!facts.target.empty())
    text += fmt::format(" to predict {}{}", facts.transform == "log10" ? "log10 " : "", facts.target);
  if (!facts.target_unit.empty()) text += fmt::format(" ({})", facts.target_unit);
  const auto train =
      std::find_if(facts.records.begin(), facts.records.end(), [](auto& it) { return it.first == "train"; });
  if (train != facts.records.end()) text += fmt::format(" on {} records", format_count(train->second));
  if (!facts.dataset.empty())
    text += fmt::format(" {} {}", train != facts.records.end() ? "of" : "on", facts.dataset);
  if (facts.epochs_done) text += fmt::format(", {} epochs", *facts.epochs_done);
  if (facts.ranks) text += fmt::format(" on {} rank{}", *facts.ranks, *facts.ranks == 1 ? "" : "s");
  if (total_seconds(facts) > 0) text += " in " + core::format_duration(total_seconds(facts));
  return text + ".";
}

// The metrics worth a large figure, in this order where they are there.
std::vector<Headline> headlines_of(const RunFolder& run) {
  std::vector<Headline> headlines;
  const std::string& unit = run.facts.target_unit;
  const bool logarithmic = run.facts.transform == "log10";
  if (!run.evaluations.empty()) {
    const Evaluation& evaluation = run.evaluations.front();
    const auto add = [&](const char* name, const std::string& label, const std::string& of_unit,
                         bool percent) {
      for (const auto& [metric, value] : evaluation.metrics)
        if (metric == name)
          headlines.push_back(
              {percent ? fmt::format("{:.1f} %", 100 * value) : format_number(value, 3) + of_unit,
               fmt::format("{}, {}", label, evaluation.split)});
    };
    const std::string suffix = unit.empty() ? "" : " " + unit;
    add("mae", logarithmic ? "MAE in log10" : "MAE", logarithmic ? "" : suffix, false);
    if (logarithmic) add("mae_raw", "MAE", suffix, false);
    add("rmse", logarithmic ? "RMSE in log10" : "RMSE", logarithmic ? "" : suffix, false);
    add("r2", "R²", "", false);
    add("mean_iou", "mean IoU", "", false);
    add("iou", "IoU", "", false);
    add("dice", "Dice", "", false);
    add("cldice", "clDice", "", false);
    add("accuracy", "accuracy", "", true);
    add("top5", "among the best five", "", true);
    add("macro_f1", "macro F1", "", false);
  }
  if (!run.facts.best_metric.empty() && run.facts.best_value)
    headlines.push_back(
        {format_number(*run.facts.best_value, 3),
         run.facts.best_metric +
             (run.facts.best_epoch ? fmt::format(", best (epoch {})", *run.facts.best_epoch) : ", best")});
  return headlines;
}

void add_evaluations(HtmlReport& page, const RunFolder& run) {
  if (run.evaluations.empty()) return;
  Table table{.columns = {"metric"}, .rows = {}, .caption = "Metrics of each split"};
  std::vector<std::string> names;
  for (const auto& evaluation : run.evaluations) {
    table.columns.push_back(evaluation.records ? fmt::format("{} ({} records)", evaluation.split,
                                                             format_count(*evaluation.records))
                                               : evaluation.split);
    for (const auto& [name, value] : evaluation.metrics)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  for (const auto& name : names) {
    std::vector<std::string> row{name};
    for (const auto& evaluation : run.evaluations) {
      const auto found = std::find_if(evaluation.metrics.begin(), evaluation.metrics.end(),
                                      [&](const auto& metric) { return metric.first == name; });
      row.push_back(found == evaluation.metrics.end() ? "–" : format_number(found->second));
    }
    table.rows.push_back(std::move(row));
  }
  page.table(table);
}

void add_curves(HtmlReport& page, const RunFolder& run) {
  const auto* epochs = column_of(run, "epoch");
  if (!epochs || epochs->empty()) return;
  page.section("How it learned");
  LineChart chart{.title = "", .x = {"epoch"}, .y = {}, .series = {}};
  if (run.facts.best_epoch) {
    chart.marked_x = static_cast<double>(*run.facts.best_epoch);
    chart.mark = fmt::format("best: epoch {}", *run.facts.best_epoch);
  }
  std::vector<Figure> figures;
  const auto add = [&](const std::string& title, const std::string& y_title, bool logarithmic,
                       const std::vector<std::string>& columns) {
    LineChart one = chart;
    one.title = title;
    one.y = {y_title, logarithmic};
    for (const auto& column : columns)
      if (const auto* values = column_of(run, column)) one.series.push_back({column, *epochs, *values});
    if (!one.series.empty()) figures.push_back({draw(one)});
  };
  add("Loss", "loss", true, {"train_loss", "validation_loss"});
  for (const auto& column : run.curve_columns)
    // The same errors in the target's own unit stand in the table.
    if (column.starts_with("validation_") && column != "validation_loss" && !column.ends_with("_raw")) {
      const std::string name = column.substr(std::string("validation_").size());
      const bool alone = !column_of(run, "train_" + name);
      add(alone ? "Validation " + name : name, name, false, {"train_" + name, column});
    }
  add("Learning rate", "learning rate", false, {"learning_rate"});
  page.figures(figures);
}

void add_predictions(HtmlReport& page, const RunFolder& run) {
  const std::string task = task_of(run);
  RunFacts facts = run.facts;
  if (task == "segmentation") facts.target = "boundary length";  // what a mask's line in the table tells
  for (const auto& predictions : run.predictions) {
    page.section("Predictions: " + predictions.split);
    const bool numeric = std::all_of(predictions.target.begin(), predictions.target.end(),
                                     [](const auto& text) { return core::parse_number(text).has_value(); });
    if (task.empty())
      page.warning(fmt::format("the task is not told; shown as {} because the targets are {}",
                               numeric ? "regression" : "classification", numeric ? "numbers" : "words"));
    if (task == "classification" || (task.empty() && !numeric))
      add_classification(page, run.facts, predictions);
    else
      add_regression(page, facts, predictions);
  }
}

constexpr const char* kMasks =
    "Left the micrograph, right what was found: right in green, false in orange, missing in blue.";
constexpr const char* kGradCams =
    "Left the image as the network is given it, right what its answer hangs on (Grad-CAM): places in orange "
    "raise it, places in blue lower it, the stronger the more, each picture on its own scale.";

void add_pictures(HtmlReport& page, const RunFolder& run) {
  for (const auto& [split, pictures, are_grad_cams] : run.pictures) {
    page.section("Worst and best: " + split);
    page.paragraph(are_grad_cams ? kGradCams : kMasks);
    std::vector<Figure> figures;
    for (const auto& picture : pictures)
      figures.push_back({png_picture(picture.png, picture.caption), picture.caption});
    page.figures(figures);
  }
}

void add_time(HtmlReport& page, const RunFolder& run) {
  page.section("Where the time went");
  const double total = section_seconds(run.facts), all = total_seconds(run.facts);
  if (total <= 0) {
    page.warning("run.json tells no seconds");
  } else {
    BarChart chart{.title = "Wall time by section", .value_title = "seconds", .bars = {}};
    for (const auto& [section, seconds] : run.facts.seconds)
      chart.bars.push_back(
          {section, seconds,
           fmt::format("{} ({:.0f} %)", core::format_duration(seconds), 100 * seconds / total)});
    std::stable_sort(chart.bars.begin(), chart.bars.end(),
                     [](const Bar& a, const Bar& b) { return a.value > b.value; });
    const bool several_starts = all > 1.01 * total;
    page.figures(
        {{draw(chart), several_starts ? fmt::format("{} in the last start, {} over all.",
                                                    core::format_duration(total), core::format_duration(all))
                                      : fmt::format("{} in all.", core::format_duration(total))}});
    if (run.facts.ranks.value_or(1) > 1 && !run.facts.rank_seconds.empty())
      page.table(rank_table(run.facts.rank_seconds));
  }
}

void add_data(HtmlReport& page, const RunFolder& run) {
  page.section("Data");
  const auto& counts = run.split_counts.empty() ? run.facts.records : run.split_counts;
  std::vector<std::pair<std::string, std::string>> facts;
  if (!run.facts.dataset.empty()) facts.emplace_back("dataset", run.facts.dataset);
  for (const auto& [split, count] : counts) facts.emplace_back(split, format_count(count) + " records");
  page.facts(facts);

  if (!run.quarantine) return;
  const auto& rows = run.quarantine->rows;
  if (rows.empty()) {
    page.paragraph("Nothing was quarantined when the dataset was prepared.");
    return;
  }
  Table table{.columns = run.quarantine->header,
              .rows = {},
              .caption = fmt::format("Records quarantined when the dataset was prepared: {}",
                                     format_count(static_cast<std::int64_t>(rows.size()))),
              .rows_shown = 10};
  if (rows.size() > kQuarantineShown)
    table.caption += fmt::format(" (the first {} here, all in its quarantine.csv)", kQuarantineShown);
  for (std::size_t i = 0; i < std::min(rows.size(), kQuarantineShown); ++i)
    table.rows.push_back(rows[i].fields);
  page.table(table);
}

void add_circumstances(HtmlReport& page, const RunFolder& run) {
  page.section("How it was run");
  const RunFacts& facts = run.facts;
  const auto number = [](std::optional<std::int64_t> value) {
    return value ? fmt::format("{}", *value) : "";
  };
  std::vector<std::string> hosts = facts.hosts;
  std::sort(hosts.begin(), hosts.end());
  hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
  std::vector<std::pair<std::string, std::string>> told;
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::string>>{
           {"command", facts.command},
           {"started", facts.started},
           {"finished", facts.finished},
           {"state", facts.state},
           {"ranks", number(facts.ranks)},
           {"hosts", core::join(hosts, ", ")},
           {"threads per rank", number(facts.threads_per_rank)},
           {"device", facts.device},
           {"seed", number(facts.seed)},
           {"tessera", facts.version},
           {"LibTorch", facts.torch},
           {"compiler", facts.compiler}})
    if (!value.empty()) told.emplace_back(name, value);
  page.facts(told);
  if (!run.config.empty()) page.folded_text("Configuration as resolved (config.toml)", run.config);
}

}  // namespace

std::string make_run_report(const std::filesystem::path& run_folder) {
  const RunFolder run = read_run_folder(run_folder);
  HtmlReport page("Run " + (run.facts.name.empty() ? run.path.filename().string() : run.facts.name));
  page.paragraph(in_one_sentence(run));
  if (run.facts.state == "stopped_early")
    page.paragraph("It stopped before its last epoch because the validation metric no longer improved.");
  else if (run.facts.state == "imported")
    page.paragraph("Its weights were trained by another program and imported.");
  else if (!run.facts.state.empty() && run.facts.state != "finished")
    page.warning(fmt::format("This run is not finished: its state is “{}”.", run.facts.state));
  page.headlines(headlines_of(run));
  add_evaluations(page, run);
  add_curves(page, run);
  add_predictions(page, run);
  add_pictures(page, run);
  add_time(page, run);
  add_data(page, run);
  add_circumstances(page, run);
  if (!run.missing.empty()) {
    page.section("Not found");
    for (const auto& part : run.missing) page.warning(part);
  }
  return page.html(fmt::format("Made by Tessera {} at {} from {}.", core::version(), core::utc_timestamp(),
                               std::filesystem::absolute(run_folder).string()));
}

void write_report(const std::filesystem::path& file, const std::string& page) {
  if (file.has_parent_path()) core::make_folder(file.parent_path());
  const auto target = std::filesystem::weakly_canonical(file);
  if (std::filesystem::exists(target) && !std::filesystem::is_regular_file(target))
    throw core::InputError(
        fmt::format("the report must go to a file, got {}, which is a folder, a pipe or a device. Give a "
                    "name ending in .html.",
                    file.string()));
  core::write_file_atomically(target, page);
}

}  // namespace tessera::report
