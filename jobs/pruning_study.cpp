// SPDX-License-Identifier: Apache-2.0
#include "jobs/pruning_study.hpp"

#include <fmt/core.h>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "report/chart.hpp"
#include "report/html_report.hpp"
#include "report/number.hpp"

namespace tessera::jobs {
namespace {

namespace rec = reconstruction;

struct NamedError {
  const char* column;
  const char* title;
  double rec::Errors::*error;
};
constexpr NamedError kErrors[] = {
    {"s2_error", "S2", &rec::Errors::two_point},
    {"autocovariance_error", "S2 − φ²", &rec::Errors::autocovariance},
    {"lineal_path_error", "lineal path", &rec::Errors::lineal_path},
    {"cluster_error", "cluster correlation", &rec::Errors::cluster},
};

std::string sample_of(const ReconstructionCase& one) {
  return one.config().image.stem().string();
}
const std::string& deepest_layer(const ReconstructionCase& one) {
  return one.config().encoder.layers.back();
}

std::string pruning_csv(const std::vector<ReconstructionCase>& cases,
                        const std::vector<rec::Errors>& errors) {
  std::vector<std::string> header{"sample", "deepest_layer", "layers", "reconstructions"};
  for (const auto& named : kErrors) header.push_back(named.column);
  std::string csv = core::csv_line(header);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    std::vector<std::string> row{sample_of(cases[i]), deepest_layer(cases[i]),
                                 std::to_string(cases[i].config().encoder.layers.size()),
                                 std::to_string(cases[i].config().count)};
    for (const auto& named : kErrors) row.push_back(fmt::format("{:.6g}", errors[i].*named.error));
    csv += core::csv_line(row);
  }
  return csv;
}

// A line a sample, over the number of layers kept.
report::LineChart chart_of(const NamedError& named, const std::vector<ReconstructionCase>& cases,
                           const std::vector<rec::Errors>& errors) {
  report::LineChart chart{.title = fmt::format("error of {}", named.title),
                          .x = {"layers kept"},
                          .y = {"error", true},
                          .series = {}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (chart.series.empty() || chart.series.back().name != sample_of(cases[i]))
      chart.series.push_back({.name = sample_of(cases[i]), .x = {}, .y = {}});
    chart.series.back().x.push_back(static_cast<double>(cases[i].config().encoder.layers.size()));
    chart.series.back().y.push_back(errors[i].*named.error);
  }
  return chart;
}

// Samples down, deepest layers across.
report::Table table_of(const NamedError& named, const std::vector<ReconstructionCase>& cases,
                       const std::vector<rec::Errors>& errors) {
  report::Table table{.columns = {"sample"}, .rows = {}, .caption = fmt::format("Error of {}", named.title)};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (table.rows.empty() || table.rows.back().front() != sample_of(cases[i]))
      table.rows.push_back({sample_of(cases[i])});
    if (table.rows.size() == 1) table.columns.push_back(deepest_layer(cases[i]));
    table.rows.back().push_back(report::format_number(errors[i].*named.error, 3));
  }
  return table;
}

}  // namespace

void write_pruning_study(const std::vector<ReconstructionCase>& cases,
                         const std::vector<rec::Errors>& errors) {
  const auto folder = cases.front().config().folder.parent_path().parent_path();
  core::write_file_atomically(folder / "pruning.csv", pruning_csv(cases, errors));
  report::HtmlReport page("What each layer of an encoder is worth");
  page.paragraph(
      fmt::format("Means over {} reconstructions of each sample, from the Gram matrices of the layers down "
                  "to the one named. An "
                  "error is the sum of distances over the sum of the sample's values, up to half the "
                  "shortest edge; S2 − φ² alone "
                  "tells a structure from its cells shuffled.",
                  cases.front().config().count));
  std::vector<report::Figure> figures;
  for (const auto& named : kErrors) figures.push_back({.svg = draw(chart_of(named, cases, errors))});
  page.figures(figures);
  for (const auto& named : kErrors) page.table(table_of(named, cases, errors));
  core::write_file_atomically(folder / "pruning.html", page.html("Made by tessera reconstruct --pruning"));
}

}  // namespace tessera::jobs
