// SPDX-License-Identifier: Apache-2.0
// What every plot with two axes has in common: title, grid, tick labels, axis titles, and the scales that say
// where a value lies.
#pragma once

#include <string>

#include "report/chart.hpp"
#include "report/scale.hpp"
#include "report/svg_canvas.hpp"

namespace tessera::report {

struct PlotArea {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

struct PlotFrame {
  PlotArea area;
  Scale x;
  Scale y;
};

/// Draws the frame of a whole-canvas plot, leaving `above` pixels between title and plot, and as much on the
/// left as the tick labels need.
PlotFrame draw_frame(SvgCanvas& canvas, const std::string& title, const Axis& x_axis, Interval x_interval,
                     const Axis& y_axis, Interval y_interval, double above = 0);

/// "no values to show" in the middle.
void say_nothing_to_show(SvgCanvas& canvas, const PlotArea& area);

}  // namespace tessera::report
