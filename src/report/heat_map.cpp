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

constexpr double kLabelSize = 11.5;
constexpr std::size_t kLabelColumns = 18;
constexpr double kScaleSpace = 84;

double widest_label(const std::vector<std::string>& names) {
  double widest = 0;
  for (const auto& name : names)
    widest = std::max(widest, text_width(shortened(name, kLabelColumns), kLabelSize));
  return widest;
}

int level_of(double value, Interval range) {
  if (range.high <= range.low) return 0;
  const double share = std::clamp((value - range.low) / (range.high - range.low), 0.0, 1.0);
  return std::min(kHeatLevels - 1, static_cast<int>(share * kHeatLevels));
}

void draw_scale(SvgCanvas& canvas, Point corner, double height, Interval range, const std::string& title) {
  const double step = height / kHeatLevels;
  for (int level = 0; level < kHeatLevels; ++level)
    canvas.rectangle({corner.x, corner.y + height - step * (level + 1)}, 12, step + 0.3, heat_colour(level));
  const TextStyle style{.size = 11, .colour = muted_colour()};
  canvas.text({corner.x + 17, corner.y + 9}, format_number(range.high, 3), style);
  canvas.text({corner.x + 17, corner.y + height}, format_number(range.low, 3), style);
  canvas.text({corner.x + 26, corner.y + height / 2}, title,
              {.size = 11, .anchor = Anchor::Middle, .colour = muted_colour(), .turned = 90});
}

}  // namespace

std::string draw(const HeatMap& chart) {
  if (chart.values.empty()) {
    SvgCanvas canvas(520, 120, chart.title);
    canvas.text({8, 18}, chart.title, {.size = 14, .bold = true});
    say_nothing_to_show(canvas, {0, 20, 520, 120});
    return canvas.finish();
  }
  Interval range = interval_of(chart.values, false, 0);
  range.low = chart.low.value_or(range.low);
  range.high = chart.high.value_or(range.high);
  const auto num_rows = static_cast<double>(chart.rows.size());
  const auto num_columns = static_cast<double>(chart.columns.size());
  const double cell = std::clamp(560 / std::max(num_rows, num_columns), 20.0, 64.0);
  const double column_label = widest_label(chart.columns);
  const bool turned = column_label > cell - 4;

  const double left = 40 + widest_label(chart.rows);
  const double top = 34;
  const double below = 36 + (turned ? column_label : kLabelSize);
  const double width = left + num_columns * cell + 18 + kScaleSpace;
  const double bottom = top + num_rows * cell;
  SvgCanvas canvas(std::max(width, text_width(chart.title, 14) * 1.1 + 16), bottom + below, chart.title);
  canvas.text({8, 18}, chart.title, {.size = 14, .bold = true});

  const bool texts_fit = cell >= 34;
  for (std::size_t row = 0; row < chart.rows.size(); ++row) {
    const double y = top + static_cast<double>(row) * cell;
    canvas.text({left - 6, y + cell / 2 + 4}, shortened(chart.rows[row], kLabelColumns),
                {.size = kLabelSize, .anchor = Anchor::End, .colour = muted_colour()});
    for (std::size_t column = 0; column < chart.columns.size(); ++column) {
      const std::size_t i = row * chart.columns.size() + column;
      if (!std::isfinite(chart.values[i])) continue;
      const double x = left + static_cast<double>(column) * cell;
      const int level = level_of(chart.values[i], range);
      const std::string text = chart.texts.empty() ? format_number(chart.values[i], 3) : chart.texts[i];
      canvas.rectangle({x + 0.5, y + 0.5}, cell - 1, cell - 1, heat_colour(level),
                       fmt::format("{} / {}: {}", chart.rows[row], chart.columns[column], text));
      if (texts_fit)
        canvas.text({x + cell / 2, y + cell / 2 + 4}, text,
                    {.size = 11.5, .anchor = Anchor::Middle, .colour = heat_ink_colour(level)});
    }
  }
  for (std::size_t column = 0; column < chart.columns.size(); ++column) {
    const double x = left + (static_cast<double>(column) + 0.5) * cell;
    TextStyle style{.size = kLabelSize, .anchor = Anchor::Middle, .colour = muted_colour()};
    if (turned) style = {.size = kLabelSize, .anchor = Anchor::End, .colour = muted_colour(), .turned = -90};
    canvas.text({turned ? x + 4 : x, bottom + (turned ? 6 : 16)},
                shortened(chart.columns[column], kLabelColumns), style);
  }
  canvas.text({left + num_columns * cell / 2, canvas.height() - 8}, chart.column_title,
              {.size = 12.5, .anchor = Anchor::Middle});
  canvas.text({16, (top + bottom) / 2}, chart.row_title,
              {.size = 12.5, .anchor = Anchor::Middle, .turned = -90});
  draw_scale(canvas, {left + num_columns * cell + 18, top}, std::clamp(num_rows * cell, 60.0, 260.0), range,
             chart.value_title);
  return canvas.finish();
}

}  // namespace tessera::report
