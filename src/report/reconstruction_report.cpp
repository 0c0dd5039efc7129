// SPDX-License-Identifier: Apache-2.0
#include "report/reconstruction_report.hpp"

#include "report/html_report.hpp"
#include "report/number.hpp"
#include "report/picture.hpp"

namespace tessera::report {

std::string make_reconstruction_report(const ReconstructionFacts& facts) {
  HtmlReport page("Reconstructions of " + facts.title);
  page.figures(
      {{.svg = png_picture(facts.overview_png, "sample, reconstructions and baseline"),
        .caption = "The sample, reconstructions, and at the right, where there is one, the baseline: cells "
                   "exchanged until the two-point correlation fits (Yeong and Torquato 1998)"}});
  page.section("How near they come");
  Table table{
      .columns = {"structure", "fraction", "S2", "S2 − φ²", "lineal path", "cluster", "overlap", "seconds"},
      .rows = {},
      .caption =
          "Errors: of the fraction absolute, of curves the sum of distances over the sum of the "
          "sample's values, up to half the shortest edge. Overlap: highest correlation with the "
          "sample over all shifts, 1 for a copy. Noise floor: the sample's quarters against the "
          "whole, up to a quarter of its edge"};
  for (const auto& row : facts.rows) {
    std::vector<std::string> cells{row.name};
    for (const double error : row.errors) cells.push_back(format_number(error, 3));
    cells.push_back(format_number(row.overlap, 2));
    cells.push_back(format_number(row.seconds, 3));
    table.rows.push_back(std::move(cells));
  }
  page.table(table);
  page.section("Statistics");
  std::vector<Figure> figures;
  for (const auto& chart : facts.charts) figures.push_back({.svg = draw(chart)});
  page.figures(figures);
  page.folded_text("Configuration", facts.config);
  return page.html("Made by tessera reconstruct");
}

}  // namespace tessera::report
