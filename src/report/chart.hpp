// SPDX-License-Identifier: Apache-2.0
// Charts as values, and `draw`, which makes inline SVG of them. What cannot be shown (NaN, infinities, what
// is not positive on a logarithmic axis) is left out of the drawing; a chart with nothing to show says so.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tessera::report {

struct Axis {
  std::string title;  // with its unit: "bulk modulus (GPa)"
  bool logarithmic = false;
};

struct Series {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;  // as many as x; a NaN interrupts the line
  bool faint = false;     // one of many, without an entry in the legend
};

struct LineChart {
  std::string title;
  Axis x;
  Axis y;
  std::vector<Series> series;
  std::optional<double> marked_x = {};  // a dashed line, "best epoch"
  std::string mark = {};
};

/// Predicted over true values with the 1:1 line, both axes alike; dots for up to 2 000 records, shaded cells
/// by their number for more.
struct ParityPlot {
  std::string title;
  std::string quantity;  // "bulk modulus (GPa)"
  std::vector<double> target;
  std::vector<double> prediction;
  std::string note = {};  // below the title: "MAE 12.3 GPa"
};

/// How often which values occur. The outermost 1 % are counted in words when they would flatten the rest.
struct Histogram {
  std::string title;
  Axis x;
  std::vector<double> values;
};

/// A table of shades: rows from top to bottom. A NaN cell stays empty.
struct HeatMap {
  std::string title;
  std::string row_title;
  std::string column_title;
  std::vector<std::string> rows;
  std::vector<std::string> columns;
  std::vector<double> values;           // (rows, columns)
  std::vector<std::string> texts = {};  // the same shape, or empty; written where cells are wide enough
  std::string value_title = {};         // of the scale beside it
  std::optional<double> low = {};       // the values' own range where not given
  std::optional<double> high = {};
};

/// One upright axis of parallel coordinates: a quantity, or names that `values` are places of.
struct Coordinate {
  std::string title;
  bool logarithmic = false;
  std::vector<std::string> names = {};
  std::vector<double> values;  // one a line; NaN interrupts it
};

/// A line through all axes for each trial; the darker, the better its value on the last one.
struct ParallelCoordinates {
  std::string title;
  std::vector<Coordinate> axes;
  bool higher_is_better = false;
};

struct Bar {
  std::string name;
  double value = 0;
  std::string text;  // behind the bar: "12 s (40 %)"
};

/// Horizontal bars, from zero.
struct BarChart {
  std::string title;
  std::string value_title;
  std::vector<Bar> bars;
};

std::string draw(const LineChart& chart);
std::string draw(const ParityPlot& chart);
std::string draw(const Histogram& chart);
std::string draw(const HeatMap& chart);
std::string draw(const ParallelCoordinates& chart);
std::string draw(const BarChart& chart);

}  // namespace tessera::report
