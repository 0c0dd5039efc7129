// SPDX-License-Identifier: Apache-2.0
#include "report/crossvalidation_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/build_info.hpp"
#include "core/clock.hpp"
#include "report/chart.hpp"
#include "report/html_report.hpp"
#include "report/number.hpp"

namespace tessera::report {
namespace {

// With fewer the interval itself is rough (the bootstrap knows no target between those it has).
constexpr std::int64_t kFewGroups = 30;

std::string with_unit(const CrossvalidationFacts& facts, const std::string& words) {
  return facts.unit.empty() ? words : fmt::format("{} ({})", words, facts.unit);
}

std::string with_interval(double value, const metrics::Interval& interval) {
  if (std::isnan(value)) return "not defined";
  if (std::isnan(interval.low)) return format_number(value, 3);
  return fmt::format("{} [{}, {}]", format_number(value, 3), format_number(interval.low, 3),
                     format_number(interval.high, 3));
}

const CrossvalidatedMethod& best_baseline(const CrossvalidationFacts& facts) {
  return *std::min_element(facts.methods.begin() + 1, facts.methods.end(),
                           [](const auto& a, const auto& b) { return a.metrics.mae < b.metrics.mae; });
}

std::string verdict(const AgainstBaselines& against) {
  if (against.interval.low > 0) return "worse than that";
  if (against.interval.high < 0) return "better than every baseline";
  return "not to be told apart from that by so few groups";
}

void add_methods(HtmlReport& page, const CrossvalidationFacts& facts) {
  const auto& network = facts.methods.front();
  const auto& baseline = best_baseline(facts);
  page.headlines({{format_number(network.metrics.mae, 3), with_unit(facts, "MAE of " + network.name)},
                  {format_number(baseline.metrics.mae, 3),
                   with_unit(facts, "MAE of the best baseline, " + baseline.name)},
                  {format_count(facts.num_groups), "groups that this rests on"}});
  page.paragraph(fmt::format(
      "{} is off by {} on average, {} by {}. The difference is {}: the network is {}.", network.name,
      format_number(network.metrics.mae, 3), baseline.description, format_number(baseline.metrics.mae, 3),
      with_interval(facts.against.mae_difference, facts.against.interval), verdict(facts.against)));
  const auto percent = format_number(100 * facts.bootstrap.confidence, 3);
  Table table{.columns = {"method", with_unit(facts, "MAE"), with_unit(facts, "RMSE"), "R²", "what it is"},
              .rows = {},
              .caption = fmt::format(
                  "Over all {} records, each predicted by a fit without its group; in brackets {} % "
                  "intervals, of {} bootstrap draws of {} whole groups",
                  format_count(std::ssize(facts.targets)), percent, format_count(facts.bootstrap.resamples),
                  format_count(facts.num_groups))};
  for (const auto& method : facts.methods)
    table.rows.push_back({method.name, with_interval(method.metrics.mae, method.intervals.mae),
                          with_interval(method.metrics.rmse, method.intervals.rmse),
                          with_interval(method.metrics.r2, method.intervals.r2), method.description});
  page.table(table);
}

void add_warnings(HtmlReport& page, const CrossvalidationFacts& facts) {
  if (const auto why = why_no_r2(facts.num_groups, facts.methods.front().metrics); !why.empty())
    page.warning("R² is not defined: " + why + ".");
  if (facts.num_groups < kFewGroups)
    page.warning(fmt::format(
        "These figures rest on {} groups. R² measures errors by how far the few targets happen to lie apart: "
        "of another {} groups it may be quite another, and a single far one decides it. Compare methods by "
        "their mean absolute error and its interval.",
        facts.num_groups, facts.num_groups));
}

void add_parity(HtmlReport& page, const CrossvalidationFacts& facts) {
  page.section("Predicted over true");
  std::vector<Figure> figures;
  for (const auto& method : facts.methods)
    figures.push_back({draw(ParityPlot{.title = method.name,
                                       .quantity = with_unit(facts, facts.target),
                                       .target = facts.targets,
                                       .prediction = method.prediction,
                                       .note = method.description})});
  page.figures(figures);
}

void add_groups(HtmlReport& page, const CrossvalidationFacts& facts) {
  struct Group {
    std::string name;
    std::int64_t records = 0;
    double target = 0;           // mean
    std::vector<double> errors;  // of each method, mean absolute
  };
  std::map<std::string, std::vector<std::size_t>> members;
  for (std::size_t i = 0; i < facts.groups.size(); ++i) members[facts.groups[i]].push_back(i);
  std::vector<Group> groups;
  for (const auto& [name, records] : members) {
    Group group{.name = name, .records = std::ssize(records), .target = 0, .errors = {}};
    const auto count = static_cast<double>(records.size());
    group.errors.resize(facts.methods.size());
    for (const auto i : records) {
      group.target += facts.targets[i] / count;
      for (std::size_t m = 0; m < facts.methods.size(); ++m)
        group.errors[m] += std::abs(facts.methods[m].prediction[i] - facts.targets[i]) / count;
    }
    groups.push_back(std::move(group));
  }
  std::ranges::stable_sort(groups, [](const auto& a, const auto& b) { return a.errors[0] > b.errors[0]; });

  constexpr std::size_t kMostGroups = 500;  // predictions.csv has them all
  if (groups.size() > kMostGroups) groups.resize(kMostGroups);
  page.section("Error by group");
  Table table{.columns = {"group", "records", with_unit(facts, "mean " + facts.target)},
              .rows = {},
              .caption = "Mean absolute error of each group; those first that the network does worst on"};
  for (const auto& method : facts.methods) table.columns.push_back(method.name);
  for (const auto& group : groups) {
    std::vector<std::string> row{group.name, format_count(group.records), format_number(group.target)};
    for (const double error : group.errors) row.push_back(format_number(error, 3));
    table.rows.push_back(std::move(row));
  }
  page.table(table);
}

void add_folds(HtmlReport& page, const CrossvalidationFacts& facts) {
  page.section("Fold by fold");
  BarChart chart{.title = "Error of the network by fold",
                 .value_title = with_unit(facts, "mean absolute error of the held-out records"),
                 .bars = {}};
  Table table{.columns = {"fold", "training", "validation", "held out", "of groups", "best epoch",
                          with_unit(facts, "MAE")},
              .rows = {},
              .caption = "Records of each part. The epoch is chosen by the validation part alone"};
  for (std::size_t k = 0; k < facts.folds.size(); ++k) {
    const auto& fold = facts.folds[k];
    chart.bars.push_back({fmt::format("fold {}", k), fold.mae, format_number(fold.mae, 3)});
    table.rows.push_back({std::to_string(k), format_count(fold.train), format_count(fold.validation),
                          format_count(fold.held_out), format_count(fold.held_out_groups),
                          std::to_string(fold.best_epoch), format_number(fold.mae, 3)});
  }
  page.figures({{draw(chart)}});
  page.table(table);
}

}  // namespace

std::string why_no_r2(std::int64_t num_groups, const metrics::RegressionMetrics& metrics) {
  if (num_groups < 2) return "it needs records of two groups or more";
  return std::isnan(metrics.r2) ? "all targets are equal" : "";
}

AgainstBaselines compare_to_baselines(const CrossvalidationFacts& facts) {
  const auto& network = facts.methods.front();
  const auto& baseline = best_baseline(facts);
  return {.baseline = baseline.name,
          .mae_difference = network.metrics.mae - baseline.metrics.mae,
          .interval = metrics::bootstrap_mae_difference(facts.targets, network.prediction,
                                                        baseline.prediction, facts.groups, facts.bootstrap)};
}

std::string make_crossvalidation_report(const CrossvalidationFacts& facts) {
  HtmlReport page("Cross-validation of " + facts.title);
  page.paragraph(fmt::format(
      "{} of {} records in {} groups, each predicted once, by a network that was trained on other groups. "
      "Constants and regressions were fitted to the same training records.",
      facts.target, format_count(std::ssize(facts.targets)), format_count(facts.num_groups)));
  add_methods(page, facts);
  add_warnings(page, facts);
  add_parity(page, facts);
  add_groups(page, facts);
  add_folds(page, facts);
  page.section("How it was run");
  page.facts(facts.facts);
  page.folded_text("Configuration as resolved (config.toml)", facts.config);
  return page.html(fmt::format("Made by Tessera {} at {}.", core::version(), core::utc_timestamp()));
}

}  // namespace tessera::report
