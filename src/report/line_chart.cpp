// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "report/chart.hpp"
#include "report/palette.hpp"
#include "report/plot_frame.hpp"

namespace tessera::report {
namespace {

constexpr double kWidth = 520, kHeight = 320;
constexpr double kLegendRow = 18;

struct LegendEntry {
  Point at;
  std::string name;
};

// Names in rows from left to right, as many to a row as fit.
std::vector<LegendEntry> legend_of(const std::vector<Series>& series) {
  std::vector<LegendEntry> entries;
  if (series.size() < 2) return entries;
  Point at{8, 38};
  for (const auto& one : series) {
    if (one.faint) continue;
    const double width = 40 + text_width(one.name, 12);
    if (at.x > 8 && at.x + width > kWidth) at = {8, at.y + kLegendRow};
    entries.push_back({at, one.name});
    at.x += width;
  }
  return entries;
}

void draw_series(SvgCanvas& canvas, const PlotFrame& frame, const Series& series, const std::string& colour,
                 double width) {
  std::vector<Point> piece;
  const auto end_piece = [&] {
    if (piece.size() == 1) canvas.dots(piece, 3, colour, 1);  // a line needs two
    canvas.polyline(piece.size() > 1 ? piece : std::vector<Point>{}, colour, width);
    piece.clear();
  };
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (frame.x.can_show(series.x[i]) && frame.y.can_show(series.y[i]))
      piece.push_back({frame.x(series.x[i]), frame.y(series.y[i])});
    else
      end_piece();
  }
  end_piece();
}

}  // namespace

std::string draw(const LineChart& chart) {
  SvgCanvas canvas(kWidth, kHeight, chart.title);
  std::vector<double> all_x, all_y;
  bool any = false;
  for (const auto& series : chart.series) {
    all_x.insert(all_x.end(), series.x.begin(), series.x.end());
    all_y.insert(all_y.end(), series.y.begin(), series.y.end());
    const Scale probe({}, chart.y.logarithmic, 0, 1);
    any = any || std::any_of(series.y.begin(), series.y.end(), [&](double y) { return probe.can_show(y); });
  }
  const auto legend = legend_of(chart.series);
  double above = legend.empty() ? 4 : legend.back().at.y - 38 + kLegendRow + 4;
  if (chart.marked_x) above += 14;  // its word stands over the plot, not in it
  const PlotFrame frame =
      draw_frame(canvas, chart.title, chart.x, interval_of(all_x, chart.x.logarithmic, 0.02), chart.y,
                 interval_of(all_y, chart.y.logarithmic, 0.05), above);
  if (!any) say_nothing_to_show(canvas, frame.area);

  for (std::size_t i = 0; i < legend.size(); ++i) {
    const Point at = legend[i].at;
    canvas.line({at.x, at.y - 4}, {at.x + 18, at.y - 4}, series_colour(i), 2.5);
    canvas.text({at.x + 23, at.y}, legend[i].name);
  }
  if (chart.marked_x) {
    const double x = frame.x(*chart.marked_x);
    const bool to_the_left = x > (frame.area.left + frame.area.right) / 2;
    canvas.line({x, frame.area.top}, {x, frame.area.bottom}, muted_colour(), 1.2, true);
    canvas.text(
        {x, frame.area.top - 4}, chart.mark,
        {.size = 11.5, .anchor = to_the_left ? Anchor::End : Anchor::Start, .colour = muted_colour()});
  }
  for (const auto& series : chart.series)
    if (series.faint) draw_series(canvas, frame, series, heat_colour(kHeatLevels / 3), 1);
  std::size_t place = 0;
  for (const auto& series : chart.series)
    if (!series.faint) draw_series(canvas, frame, series, series_colour(place++), 1.8);
  return canvas.finish();
}

}  // namespace tessera::report
