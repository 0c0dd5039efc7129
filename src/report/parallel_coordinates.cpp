// SPDX-License-Identifier: Apache-2.0
// Parallel coordinates (Inselberg 1985): each trial a line through one upright axis for each setting, its
// value last.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/chart.hpp"
#include "report/palette.hpp"
#include "report/plot_frame.hpp"

namespace tessera::report {
namespace {

constexpr double kHeight = 360, kTop = 62, kBottom = 336, kLeft = 50, kSpacing = 130;
constexpr std::size_t kTitleColumns = 20;

Scale scale_of(const Coordinate& axis) {
  if (axis.names.empty())
    return {interval_of(axis.values, axis.logarithmic, 0), axis.logarithmic, kBottom, kTop};
  return {{-0.5, static_cast<double>(axis.names.size()) - 0.5}, false, kBottom, kTop};
}

void draw_axis(SvgCanvas& canvas, const Coordinate& axis, const Scale& scale, double x) {
  canvas.line({x, kTop}, {x, kBottom}, muted_colour(), 1.2);
  canvas.text({x, kTop - 12}, shortened(axis.title, kTitleColumns), {.size = 12, .anchor = Anchor::Middle});
  const TextStyle style{.size = 11, .anchor = Anchor::End, .colour = muted_colour()};
  if (axis.names.empty()) {
    for (const auto& tick : scale.ticks(5)) {
      canvas.line({x - 3, scale(tick.value)}, {x, scale(tick.value)}, muted_colour());
      canvas.text({x - 6, scale(tick.value) + 4}, tick.label, style);
    }
  } else {
    for (std::size_t i = 0; i < axis.names.size(); ++i)
      canvas.text({x - 6, scale(static_cast<double>(i)) + 4}, shortened(axis.names[i], 12), style);
  }
}

// Lines from the worst to the best, so that the best lie on top; without a value first.
std::vector<std::size_t> worst_first(const std::vector<double>& values, bool higher_is_better) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto goodness = [&](std::size_t i) {
    if (std::isnan(values[i])) return -HUGE_VAL;
    return higher_is_better ? values[i] : -values[i];
  };
  std::ranges::stable_sort(order, {}, goodness);
  return order;
}

}  // namespace

std::string draw(const ParallelCoordinates& chart) {
  const auto num_axes = static_cast<double>(chart.axes.size());
  const double width = std::max(520.0, 2 * kLeft + kSpacing * std::max(0.0, num_axes - 1));
  SvgCanvas canvas(width, kHeight, chart.title);
  canvas.text({8, 18}, chart.title, {.size = 14, .bold = true});
  if (chart.axes.size() < 2 || chart.axes.back().values.empty()) {
    say_nothing_to_show(canvas, {0, 20, width, kHeight});
    return canvas.finish();
  }
  std::vector<Scale> scales;
  std::vector<double> x;
  for (const auto& axis : chart.axes) {
    x.push_back(kLeft + static_cast<double>(scales.size()) * (width - 2 * kLeft) / (num_axes - 1));
    scales.push_back(scale_of(axis));
  }
  const auto order = worst_first(chart.axes.back().values, chart.higher_is_better);
  for (std::size_t place = 0; place < order.size(); ++place) {
    const auto level = static_cast<int>(1 + (place + 1) * (kHeatLevels - 2) / order.size());
    std::vector<Point> piece;
    const auto end_piece = [&] {
      if (piece.size() > 1) canvas.polyline(piece, heat_colour(level), 1.3);
      piece.clear();
    };
    for (std::size_t i = 0; i < chart.axes.size(); ++i) {
      const double value = chart.axes[i].values[order[place]];
      if (scales[i].can_show(value))
        piece.push_back({x[i], scales[i](value)});
      else
        end_piece();
    }
    end_piece();
  }
  for (std::size_t i = 0; i < chart.axes.size(); ++i) draw_axis(canvas, chart.axes[i], scales[i], x[i]);
  return canvas.finish();
}

}  // namespace tessera::report
