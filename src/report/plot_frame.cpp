// SPDX-License-Identifier: Apache-2.0
#include "report/plot_frame.hpp"

#include <algorithm>

#include "report/palette.hpp"

namespace tessera::report {
namespace {

constexpr double kTickSize = 11.5;
constexpr double kTitleSpace = 30;
constexpr double kBelow = 48;

}  // namespace

PlotFrame draw_frame(SvgCanvas& canvas, const std::string& title, const Axis& x_axis, Interval x_interval,
                     const Axis& y_axis, Interval y_interval, double above) {
  PlotArea area{.left = 0,
                .top = kTitleSpace + above,
                .right = canvas.width() - 16,
                .bottom = canvas.height() - kBelow};
  const Scale y(y_interval, y_axis.logarithmic, area.bottom, area.top);
  double widest = 0;
  for (const auto& tick : y.ticks()) widest = std::max(widest, text_width(tick.label, kTickSize));
  area.left = 34 + widest;
  const Scale x(x_interval, x_axis.logarithmic, area.left, area.right);

  canvas.text({8, 18}, title, {.size = 14, .bold = true});
  for (const auto& tick : y.ticks()) {
    canvas.line({area.left, y(tick.value)}, {area.right, y(tick.value)}, grid_colour());
    canvas.text({area.left - 6, y(tick.value) + 4}, tick.label,
                {.size = kTickSize, .anchor = Anchor::End, .colour = muted_colour()});
  }
  for (const auto& tick : x.ticks()) {
    canvas.line({x(tick.value), area.bottom}, {x(tick.value), area.bottom + 5}, muted_colour());
    canvas.text({x(tick.value), area.bottom + 18}, tick.label,
                {.size = kTickSize, .anchor = Anchor::Middle, .colour = muted_colour()});
  }
  canvas.line({area.left, area.bottom}, {area.right, area.bottom}, muted_colour());
  canvas.text({(area.left + area.right) / 2, canvas.height() - 10}, x_axis.title,
              {.size = 12.5, .anchor = Anchor::Middle});
  canvas.text({16, (area.top + area.bottom) / 2}, y_axis.title,
              {.size = 12.5, .anchor = Anchor::Middle, .turned = -90});
  return {area, x, y};
}

void say_nothing_to_show(SvgCanvas& canvas, const PlotArea& area) {
  canvas.text({(area.left + area.right) / 2, (area.top + area.bottom) / 2}, "no values to show",
              {.size = 13, .anchor = Anchor::Middle, .colour = muted_colour()});
}

}  // namespace tessera::report
