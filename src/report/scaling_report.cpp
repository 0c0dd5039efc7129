// SPDX-License-Identifier: Apache-2.0
#include "report/scaling_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/clock.hpp"
#include "report/chart.hpp"
#include "report/html_report.hpp"
#include "report/number.hpp"

namespace tessera::report {
namespace {

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(1, values.size()));
}

std::string percent(double share) {
  return fmt::format("{:.1f}", 100 * share);
}

std::string name_of(const ScalingRun& run) {
  return run.ranks == 1 ? "1 rank" : fmt::format("{}, {} ranks", run.mode, run.ranks);
}

bool is_of(const ScalingRun& run, const std::string& mode) {
  return run.ranks == 1 || run.mode == mode;
}

LineChart chart_of(const ScalingFacts& scaling, const std::string& title, const std::string& quantity,
                   const auto& value, const auto& ideal) {
  LineChart chart{.title = title, .x = {"ranks"}, .y = {quantity}, .series = {}};
  Series best{.name = "ideal", .x = {}, .y = {}};
  for (const std::string mode : {"strong", "weak"}) {
    Series series{.name = mode, .x = {}, .y = {}};
    for (const auto& run : scaling.runs) {
      if (!is_of(run, mode)) continue;
      series.x.push_back(run.ranks);
      series.y.push_back(value(run));
      if (mode == "strong") {
        best.x.push_back(run.ranks);
        best.y.push_back(ideal(run));
      }
    }
    chart.series.push_back(std::move(series));
  }
  chart.series.push_back(std::move(best));
  return chart;
}

Table table_of(const ScalingFacts& scaling) {
  Table table{.columns = {"run", "global batch", "samples/s", "efficiency", "wall s"},
              .rows = {},
              .caption = "Strong: the same global batch over more ranks. Weak: the same batch for each rank"};
  for (const auto& run : scaling.runs)
    table.rows.push_back({name_of(run), format_count(run.global_batch), format_number(run.samples_per_second),
                          fmt::format("{:.3f}", parallel_efficiency(run, scaling)),
                          format_number(run.wall_seconds, 3)});
  return table;
}

Table share_table(const ScalingFacts& scaling) {
  Table table{.columns = {"% of the wall time"},
              .rows = {},
              .caption = "Mean over the ranks; the last column is what the sections of rank 0 sum to"};
  for (const auto& section : scaling.runs.front().sections) table.columns.push_back(section.first);
  table.columns.emplace_back("sum");
  for (const auto& run : scaling.runs) {
    std::vector<std::string> row{name_of(run)};
    for (const auto& section : run.sections) row.push_back(percent(mean(section.second) / run.wall_seconds));
    row.push_back(percent(accounted_share(run)));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

double parallel_efficiency(const ScalingRun& run, const ScalingFacts& scaling) {
  return run.samples_per_second / run.ranks / scaling.runs.front().samples_per_second;
}

double accounted_share(const ScalingRun& run) {
  double seconds = 0;
  for (const auto& section : run.sections) seconds += section.second.front();
  return seconds / run.wall_seconds;
}

std::string scaling_csv(const ScalingFacts& scaling) {
  std::string csv = "mode,ranks,global_batch,samples_per_second,efficiency,wall_seconds,accounted";
  for (const auto& section : scaling.runs.front().sections) csv += "," + section.first;
  csv += "\n";
  for (const auto& run : scaling.runs) {
    csv += fmt::format("{},{},{},{:.6g},{:.4f},{:.4f},{:.4f}", run.mode, run.ranks, run.global_batch,
                       run.samples_per_second, parallel_efficiency(run, scaling), run.wall_seconds,
                       accounted_share(run));
    for (const auto& section : run.sections) csv += fmt::format(",{:.4f}", mean(section.second));
    csv += "\n";
  }
  return csv;
}

std::string make_scaling_report(const ScalingFacts& scaling) {
  HtmlReport page(scaling.title);
  const auto largest = std::max_element(scaling.runs.begin(), scaling.runs.end(),
                                        [](const auto& a, const auto& b) { return a.ranks < b.ranks; });
  std::vector<Headline> headlines;
  for (const auto& run : scaling.runs)
    if (run.ranks == largest->ranks)
      headlines.push_back(
          {fmt::format("{:.3f}", parallel_efficiency(run, scaling)), "parallel efficiency, " + name_of(run)});
  page.headlines(headlines);
  page.facts(scaling.facts);

  page.section("What more ranks are worth");
  const double one = scaling.runs.front().samples_per_second;
  page.figures({{draw(chart_of(
                    scaling, "Rate of the steps", "samples/s",
                    [](const ScalingRun& run) { return run.samples_per_second; },
                    [&](const ScalingRun& run) { return one * run.ranks; }))},
                {draw(chart_of(
                    scaling, "Parallel efficiency", "efficiency",
                    [&](const ScalingRun& run) { return parallel_efficiency(run, scaling); },
                    [](const ScalingRun&) { return 1.0; }))}});
  page.table(table_of(scaling));

  page.section("Where the time went");
  page.table(share_table(scaling));
  page.paragraph(
      "setup: network, checkpoint and logs, until the first step. imbalance: waiting for the rank that has "
      "the most to do. exposed_communication: what backward did not hide. checkpoint: the stall; it is "
      "written beside the steps.");
  if (largest->ranks > 1) {
    page.section(name_of(*largest));
    page.table(rank_table(largest->sections));
  }
  page.paragraph(
      "A trace of the first steps of each run lies in its folder, trace/rank-00000.json and so on: open it "
      "in ui.perfetto.dev or chrome://tracing.");
  return page.html(fmt::format("written {}", core::utc_timestamp()));
}

}  // namespace tessera::report
