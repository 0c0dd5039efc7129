// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "report/chart.hpp"
#include "report/number.hpp"
#include "report/palette.hpp"
#include "report/plot_frame.hpp"

namespace tessera::report {
namespace {

constexpr double kWidth = 520, kHeight = 320;

double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

// The whole range, or its middle 99 % where single values would stretch it to more than three times that.
Interval shown_range(const std::vector<double>& sorted) {
  const Interval middle{quantile(sorted, 0.005), quantile(sorted, 0.995)};
  const double width = middle.high - middle.low;
  if (width > 0 && sorted.back() - sorted.front() > 3 * width)
    return {middle.low - 0.25 * width, middle.high + 0.25 * width};
  return {sorted.front(), sorted.back()};
}

// Freedman and Diaconis (1981), within 10 to 60 bins.
std::size_t number_of_bins(const std::vector<double>& sorted, Interval range) {
  const double quartiles = quantile(sorted, 0.75) - quantile(sorted, 0.25);
  if (quartiles <= 0) return 10;
  const double bin = 2 * quartiles / std::cbrt(static_cast<double>(sorted.size()));
  return static_cast<std::size_t>(std::clamp((range.high - range.low) / bin, 10.0, 60.0));
}

}  // namespace

std::string draw(const Histogram& chart) {
  SvgCanvas canvas(kWidth, kHeight, chart.title);
  std::vector<double> sorted;
  for (const double value : chart.values)
    if (std::isfinite(value)) sorted.push_back(value);
  std::sort(sorted.begin(), sorted.end());
  const Axis y_axis{"records"};
  if (sorted.empty()) {
    say_nothing_to_show(canvas, draw_frame(canvas, chart.title, chart.x, {}, y_axis, {}, 4).area);
    return canvas.finish();
  }

  Interval range = shown_range(sorted);
  if (range.low == range.high) range = interval_of(sorted, false, 0);
  std::vector<double> counts(number_of_bins(sorted, range));
  std::int64_t outside = 0;
  const double bin = (range.high - range.low) / static_cast<double>(counts.size());
  for (const double value : sorted) {
    if (value < range.low || value > range.high) {
      ++outside;
      continue;
    }
    ++counts[std::min(counts.size() - 1, static_cast<std::size_t>((value - range.low) / bin))];
  }

  const double most = *std::max_element(counts.begin(), counts.end());
  const PlotFrame frame =
      draw_frame(canvas, chart.title, chart.x, range, y_axis, {0, std::max(1.0, 1.08 * most)}, 4);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const double low = range.low + bin * static_cast<double>(i);
    const double left = frame.x(low), top = frame.y(counts[i]);
    canvas.rectangle({left + 0.5, top}, frame.x(low + bin) - left - 1, frame.area.bottom - top,
                     series_colour(0),
                     fmt::format("{} to {}: {}", format_number(low), format_number(low + bin), counts[i]));
  }
  if (range.low < 0 && range.high > 0)
    canvas.line({frame.x(0), frame.area.top}, {frame.x(0), frame.area.bottom}, ink_colour(), 1.2, true);
  if (outside > 0)
    canvas.text({frame.area.right, frame.area.top + 10},
                fmt::format("{} of {} lie outside", format_count(outside),
                            format_count(static_cast<std::int64_t>(sorted.size()))),
                {.size = 11.5, .anchor = Anchor::End, .colour = muted_colour()});
  return canvas.finish();
}

}  // namespace tessera::report
