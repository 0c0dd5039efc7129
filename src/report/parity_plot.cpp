// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "report/chart.hpp"
#include "report/number.hpp"
#include "report/palette.hpp"
#include "report/plot_frame.hpp"

namespace tessera::report {
namespace {

constexpr double kWidth = 520, kHeight = 500;
constexpr std::size_t kMostDots = 2000;
constexpr double kCell = 5;  // pixels

// Shade by the logarithm of the count: single records stay visible beside thousands.
int shade_of(std::int64_t count, std::int64_t most) {
  if (most <= 1) return kHeatLevels / 2;
  const double share = std::log(static_cast<double>(count)) / std::log(static_cast<double>(most));
  // The palest shade is left out: on the page it would hardly show.
  return 1 + static_cast<int>(std::lround(share * (kHeatLevels - 2)));
}

void draw_density(SvgCanvas& canvas, const PlotFrame& frame, const std::vector<Point>& points) {
  std::map<std::pair<int, int>, std::int64_t> cells;
  for (const auto& point : points)
    ++cells[{static_cast<int>((point.x - frame.area.left) / kCell),
             static_cast<int>((point.y - frame.area.top) / kCell)}];
  std::int64_t most = 0;
  for (const auto& [cell, count] : cells) most = std::max(most, count);

  std::array<std::vector<Point>, kHeatLevels> shaded;
  for (const auto& [cell, count] : cells)
    shaded[static_cast<std::size_t>(shade_of(count, most))].push_back(
        {frame.area.left + cell.first * kCell, frame.area.top + cell.second * kCell});
  for (int level = 0; level < kHeatLevels; ++level)
    canvas.squares(shaded[static_cast<std::size_t>(level)], kCell, heat_colour(level));

  // The key, in the corner where a sound model predicts nothing.
  const double right = frame.area.right - 8, bottom = frame.area.bottom - 10;
  for (int level = 1; level < kHeatLevels; ++level)
    canvas.rectangle({right - 14.0 * (kHeatLevels - level), bottom - 24}, 14, 9, heat_colour(level));
  canvas.text({right - 14.0 * (kHeatLevels - 1), bottom - 3}, "1", {.size = 11, .colour = muted_colour()});
  canvas.text({right, bottom - 3}, format_count(most),
              {.size = 11, .anchor = Anchor::End, .colour = muted_colour()});
  canvas.text({right, bottom - 30}, "records in a cell",
              {.size = 11, .anchor = Anchor::End, .colour = muted_colour()});
}

}  // namespace

std::string draw(const ParityPlot& chart) {
  SvgCanvas canvas(kWidth, kHeight, chart.title);
  std::vector<double> both = chart.target;
  both.insert(both.end(), chart.prediction.begin(), chart.prediction.end());
  const Interval interval = interval_of(both, false, 0.03);
  const PlotFrame frame = draw_frame(canvas, chart.title, {"true " + chart.quantity}, interval,
                                     {"predicted " + chart.quantity}, interval, 20);

  std::vector<Point> points;
  for (std::size_t i = 0; i < chart.target.size(); ++i)
    if (std::isfinite(chart.target[i]) && std::isfinite(chart.prediction[i]))
      points.push_back({frame.x(chart.target[i]), frame.y(chart.prediction[i])});
  if (points.size() > kMostDots)
    draw_density(canvas, frame, points);
  else if (!points.empty())
    canvas.dots(points, 2.3, series_colour(0), 0.35);
  else
    say_nothing_to_show(canvas, frame.area);

  canvas.line({frame.area.left, frame.area.bottom}, {frame.area.right, frame.area.top}, ink_colour(), 1.2,
              true);
  canvas.text({8, 38}, chart.note, {.size = 12.5, .colour = muted_colour()});
  return canvas.finish();
}

}  // namespace tessera::report
