// SPDX-License-Identifier: Apache-2.0
#include "report/study_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/build_info.hpp"
#include "core/clock.hpp"
#include "report/chart.hpp"
#include "report/html_report.hpp"
#include "report/number.hpp"

namespace tessera::report {
namespace {

constexpr std::size_t kMostCells = 12;  // of a heat map's side
constexpr std::size_t kMostMaps = 6;

bool is_better(double value, double than, bool higher_is_better) {
  return higher_is_better ? value > than : value < than;
}

std::string setting_text(const StudyParameter& parameter, double value) {
  if (std::isnan(value)) return "–";
  if (parameter.choices.empty()) return format_number(value);
  return parameter.choices.at(static_cast<std::size_t>(value));
}

std::string counted_states(const StudyFacts& study) {
  std::map<std::string, int> counts;
  for (const auto& trial : study.trials) ++counts[trial.state];
  std::string text;
  for (const auto& [state, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, state);
  return text;
}

double total_epochs(const StudyFacts& study) {
  double epochs = 0;
  for (const auto& trial : study.trials) epochs += static_cast<double>(trial.trained_epochs);
  return epochs;
}

void add_best(HtmlReport& page, const StudyFacts& study) {
  const StudyTrial* best = best_trial(study);
  if (!best) {
    page.warning("No trial is complete yet.");
    return;
  }
  page.headlines(
      {{format_number(*best->value), fmt::format("best {} (trial {})", study.metric, best->number)},
       {format_count(std::ssize(study.trials)), "trials: " + counted_states(study)},
       {format_count(static_cast<std::int64_t>(total_epochs(study))), "epochs in all"}});
  std::vector<std::pair<std::string, std::string>> facts;
  for (std::size_t i = 0; i < study.parameters.size(); ++i)
    facts.emplace_back(study.parameters[i].key, setting_text(study.parameters[i], best->settings[i]));
  page.section("The best settings");
  page.facts(facts);
  if (!study.best_config.empty())
    page.folded_text("best.toml, ready to train: tessera train best.toml", study.best_config);
}

LineChart history_of(const StudyFacts& study) {
  Series each{.name = "trial", .x = {}, .y = {}}, best{.name = "best so far", .x = {}, .y = {}};
  for (const auto& trial : study.trials) {
    if (trial.state != "complete" || !trial.value) continue;
    const auto number = static_cast<double>(trial.number);
    // A lone point is drawn as a dot, a NaN keeps it alone.
    each.x.insert(each.x.end(), {number, number});
    each.y.insert(each.y.end(), {*trial.value, std::nan("")});
    const bool better = best.y.empty() || is_better(*trial.value, best.y.back(), study.higher_is_better);
    best.x.push_back(number);
    best.y.push_back(better ? *trial.value : best.y.back());
  }
  return {.title = "Values found", .x = {"trial"}, .y = {study.metric}, .series = {each, best}};
}

LineChart curves_of(const StudyFacts& study) {
  LineChart chart{
      .title = "Learning curves of all trials", .x = {"epoch"}, .y = {study.metric}, .series = {}};
  const StudyTrial* best = best_trial(study);
  for (const auto& trial : study.trials)
    if (&trial != best) chart.series.push_back({"", trial.epochs, trial.curve, true});
  if (best) chart.series.push_back({fmt::format("best (trial {})", best->number), best->epochs, best->curve});
  return chart;
}

BarChart importances_of(const StudyFacts& study) {
  BarChart chart{.title = "Which settings mattered", .value_title = "share of the importance", .bars = {}};
  for (const auto& parameter : study.parameters)
    if (parameter.importance)
      chart.bars.push_back(
          {parameter.key, *parameter.importance, fmt::format("{:.0f} %", 100 * *parameter.importance)});
  std::ranges::stable_sort(chart.bars, std::greater(), &Bar::value);
  return chart;
}

ParallelCoordinates coordinates_of(const StudyFacts& study) {
  ParallelCoordinates chart{.title = "Every complete trial: its settings and its value",
                            .axes = {},
                            .higher_is_better = study.higher_is_better};
  for (const auto& parameter : study.parameters)
    chart.axes.push_back({parameter.key, parameter.logarithmic, parameter.choices, {}});
  chart.axes.push_back({study.metric, false, {}, {}});
  for (const auto& trial : study.trials) {
    if (trial.state != "complete" || !trial.value) continue;
    for (std::size_t i = 0; i < study.parameters.size(); ++i)
      chart.axes[i].values.push_back(trial.settings[i]);
    chart.axes.back().values.push_back(*trial.value);
  }
  return chart;
}

// The values of a parameter that trials took, where they are few enough to be rows of a table.
std::vector<double> levels_of(const StudyFacts& study, std::size_t parameter) {
  std::set<double> levels;
  for (const auto& trial : study.trials)
    if (!std::isnan(trial.settings[parameter])) levels.insert(trial.settings[parameter]);
  if (levels.size() < 2 || levels.size() > kMostCells) return {};
  return {levels.begin(), levels.end()};
}

// The best value of each pair of settings.
HeatMap map_of(const StudyFacts& study, std::size_t row, std::size_t column) {
  const auto rows = levels_of(study, row), columns = levels_of(study, column);
  HeatMap map{.title = "Best " + study.metric,
              .row_title = study.parameters[row].key,
              .column_title = study.parameters[column].key,
              .rows = {},
              .columns = {},
              .values = std::vector<double>(rows.size() * columns.size(), std::nan("")),
              .value_title = study.metric};
  for (const double level : rows) map.rows.push_back(setting_text(study.parameters[row], level));
  for (const double level : columns) map.columns.push_back(setting_text(study.parameters[column], level));
  const auto place = [](const std::vector<double>& levels, double value) {
    return static_cast<std::size_t>(std::ranges::find(levels, value) - levels.begin());
  };
  for (const auto& trial : study.trials) {
    if (trial.state != "complete" || !trial.value || std::isnan(trial.settings[row]) ||
        std::isnan(trial.settings[column]))
      continue;
    double& cell = map.values[place(rows, trial.settings[row]) * columns.size() +
                              place(columns, trial.settings[column])];
    if (std::isnan(cell) || is_better(*trial.value, cell, study.higher_is_better)) cell = *trial.value;
  }
  return map;
}

// Pairs of settings with few values each, at least half of whose combinations were tried.
std::vector<Figure> maps_of(const StudyFacts& study) {
  std::vector<Figure> figures;
  for (std::size_t row = 0; row < study.parameters.size(); ++row)
    for (std::size_t column = row + 1; column < study.parameters.size(); ++column) {
      if (levels_of(study, row).empty() || levels_of(study, column).empty()) continue;
      const HeatMap map = map_of(study, row, column);
      const auto tried = std::ranges::count_if(map.values, [](double value) { return !std::isnan(value); });
      if (2 * tried >= std::ssize(map.values) && figures.size() < kMostMaps) figures.push_back({draw(map)});
    }
  return figures;
}

Table table_of(const StudyFacts& study) {
  Table table{.columns = {"trial", "state", study.metric, "epochs"}, .rows = {}, .caption = "All trials"};
  for (const auto& parameter : study.parameters) table.columns.push_back(parameter.key);
  table.columns.push_back("note");
  for (const auto& trial : study.trials) {
    std::vector<std::string> row{std::to_string(trial.number), trial.state,
                                 trial.value ? format_number(*trial.value) : "–",
                                 trial.epochs.empty() ? "0" : format_number(trial.epochs.back())};
    for (std::size_t i = 0; i < study.parameters.size(); ++i)
      row.push_back(setting_text(study.parameters[i], trial.settings[i]));
    row.push_back(trial.note);
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

const StudyTrial* best_trial(const StudyFacts& study) {
  const StudyTrial* best = nullptr;
  for (const auto& trial : study.trials)
    if (trial.state == "complete" && trial.value && std::isfinite(*trial.value) &&
        (!best || is_better(*trial.value, *best->value, study.higher_is_better)))
      best = &trial;
  return best;
}

std::string make_study_report(const StudyFacts& study) {
  HtmlReport page(study.name);
  add_best(page, study);
  if (const auto maps = maps_of(study); !maps.empty()) {
    page.section("By pairs of settings");
    page.figures(maps);
  }
  page.section("How the search went");
  std::vector<Figure> figures{{draw(history_of(study))}, {draw(curves_of(study))}};
  if (const auto importances = importances_of(study); !importances.bars.empty())
    figures.push_back({draw(importances), "by PED-ANOVA (Watanabe et al. 2023)"});
  page.figures(figures);
  if (study.parameters.size() > 1) page.figures({{draw(coordinates_of(study))}});
  page.section("Trials");
  page.table(table_of(study));
  return page.html(fmt::format("{} trials, written {}", study.trials.size(), core::utc_timestamp()));
}

}  // namespace tessera::report
