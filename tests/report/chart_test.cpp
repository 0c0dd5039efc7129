// SPDX-License-Identifier: Apache-2.0
#include "report/chart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>

#include "core/file.hpp"
#include "core/random.hpp"
#include "report/palette.hpp"
#include "report/python.hpp"

namespace tessera::report {
namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();
const std::string kNasty = "<b>\"K\" & 'G'\x01</b> Å";

std::size_t count_of(const std::string& text, const std::string& piece) {
  std::size_t count = 0;
  for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++count;
  return count;
}

ParityPlot parity_of(std::size_t records) {
  core::RandomStream random(1, "parity");
  ParityPlot plot{.title = "parity", .quantity = "K (GPa)", .target = {}, .prediction = {}};
  for (std::size_t i = 0; i < records; ++i) {
    plot.target.push_back(random.normal());
    plot.prediction.push_back(plot.target.back() + 0.1 * random.normal());
  }
  return plot;
}

Histogram histogram_of(std::vector<double> values) {
  Histogram histogram;
  histogram.title = histogram.x.title = kNasty;
  histogram.values = std::move(values);
  return histogram;
}

// One of each, with names that must be escaped and values that cannot be drawn.
std::vector<std::string> awkward_charts() {
  const std::vector<double> awkward{1, kNaN, -2, kInfinity, 1e-300, 1e300, 0};
  ParityPlot many = parity_of(3000);
  many.prediction[7] = kNaN;
  return {
      draw(LineChart{.title = kNasty,
                     .x = {kNasty},
                     .y = {kNasty, true},
                     .series = {{kNasty, awkward, awkward}, {"b", {1, 2}, {3, 4}}},
                     .marked_x = 2.0,
                     .mark = kNasty}),
      draw(LineChart{.title = "empty", .x = {"x"}, .y = {"y"}, .series = {}}),
      draw(LineChart{
          .title = "nothing positive", .x = {"x"}, .y = {"y", true}, .series = {{"a", {1, 2}, {0, -1}}}}),
      draw(ParityPlot{
          .title = kNasty, .quantity = kNasty, .target = awkward, .prediction = awkward, .note = kNasty}),
      draw(ParityPlot{.title = "empty", .quantity = "q", .target = {}, .prediction = {}}),
      draw(many),
      draw(histogram_of(awkward)),
      draw(histogram_of({3, 3, 3})),
      draw(histogram_of({})),
      draw(HeatMap{.title = kNasty,
                   .row_title = kNasty,
                   .column_title = kNasty,
                   .rows = {kNasty, "b"},
                   .columns = {kNasty},
                   .values = {kNaN, 2}}),
      draw(HeatMap{
          .title = "empty", .row_title = "", .column_title = "", .rows = {}, .columns = {}, .values = {}}),
      draw(ParallelCoordinates{.title = kNasty,
                               .axes = {{kNasty, false, {kNasty, "b"}, {0, 1}},
                                        {"rate", true, {}, {1e-3, -1}},
                                        {"v", false, {}, {kNaN, 2}}}}),
      draw(ParallelCoordinates{.title = "empty", .axes = {}}),
      draw(BarChart{.title = kNasty, .value_title = kNasty, .bars = {{kNasty, 1, kNasty}, {"b", kNaN, ""}}}),
      draw(BarChart{.title = "empty", .value_title = "seconds", .bars = {}})};
}

TEST(Chart, IsWellFormedWhateverItIsGiven) {
  std::string all = "<charts>";
  for (const auto& svg : awkward_charts()) all += svg;
  const test::TemporaryFolder folder;
  core::write_file_atomically(folder / "charts.xml", all + "</charts>");

  const auto charts = printed_by_python(
      "import sys, xml.etree.ElementTree as tree\nprint(len(tree.parse(sys.argv[1]).getroot()))",
      (folder / "charts.xml").string());

  if (!charts) GTEST_SKIP() << "no python3 to parse the charts with";
  EXPECT_EQ(*charts, std::to_string(awkward_charts().size()) + "\n");
}

TEST(Chart, DrawsNothingOutsideItsPicture) {
  const std::regex position(" (x|y|cx|cy|x1)=\"([^\"]*)\""), view("viewBox=\"0 0 ([0-9.]+) ([0-9.]+)\"");
  for (const auto& svg : awkward_charts()) {
    std::smatch size;
    ASSERT_TRUE(std::regex_search(svg, size, view));
    for (auto at = std::sregex_iterator(svg.begin(), svg.end(), position); at != std::sregex_iterator();
         ++at) {
      const double value = std::stod((*at)[2]);  // throws for anything but a number
      EXPECT_GE(value, 0) << at->str();
      EXPECT_LE(value, std::stod((*at)[1].str().back() == 'x' ? size[1] : size[2])) << at->str();
    }
    EXPECT_THAT(svg, testing::Not(testing::ContainsRegex("[ML\"-](nan|inf)")));
  }
}

TEST(Chart, SaysWhereThereIsNothingToShow) {
  EXPECT_THAT(draw(LineChart{.title = "t", .x = {}, .y = {}, .series = {{"a", {1, 2}, {kNaN, kNaN}}}}),
              testing::HasSubstr("no values to show"));
  EXPECT_THAT(draw(BarChart{.title = "t", .value_title = "s", .bars = {}}),
              testing::HasSubstr("no values to show"));
}

TEST(LineChart, ANaNInterruptsTheLine) {
  const auto pieces = [](std::vector<double> y) {
    const LineChart chart{.title = "t", .x = {"x"}, .y = {"y"}, .series = {{"a", {1, 2, 3, 4, 5}, y}}};
    return count_of(draw(chart), "stroke-linejoin");
  };
  EXPECT_EQ(pieces({1, 2, 3, 4, 5}), 1U);
  EXPECT_EQ(pieces({1, 2, kNaN, 4, 5}), 2U);
}

TEST(LineChart, FaintLinesStandInNoLegend) {
  const LineChart chart{.title = "t",
                        .x = {"x"},
                        .y = {"y"},
                        .series = {{"crowd", {1, 2}, {1, 2}, true}, {"best", {1, 2}, {2, 3}}}};
  const std::string svg = draw(chart);
  EXPECT_EQ(count_of(svg, "stroke-linejoin"), 2U);
  EXPECT_EQ(count_of(svg, "crowd"), 0U);
  EXPECT_EQ(count_of(svg, ">best<"), 1U);
}

TEST(ParallelCoordinates, DrawTheBestLineLastAndInterruptOneWithoutAValue) {
  ParallelCoordinates chart{.title = "t",
                            .axes = {{"depth", false, {"2", "3"}, {0, 1, 0}},
                                     {"width", true, {}, {8, 16, 32}},
                                     {"error", false, {}, {0.3, 0.1, 0.2}}}};
  const auto lines = [&] {
    const std::string svg = draw(chart);
    std::vector<std::string> found;
    const std::regex line("<[^>]*stroke-linejoin[^>]*>");
    for (auto at = std::sregex_iterator(svg.begin(), svg.end(), line); at != std::sregex_iterator(); ++at)
      found.push_back(at->str());
    return found;
  };
  const auto low_is_best = lines();
  ASSERT_EQ(low_is_best.size(), 3U);
  EXPECT_THAT(low_is_best.back(), testing::HasSubstr(heat_colour(kHeatLevels - 1)));
  chart.higher_is_better = true;
  EXPECT_NE(lines().back(), low_is_best.back());
  chart.axes[1].values[1] = kNaN;  // what is left of the line on either side is a single point
  EXPECT_EQ(lines().size(), 2U);
}

TEST(ParityPlot, DrawsEachOfFewRecordsAndShadesManyByTheirNumber) {
  EXPECT_EQ(count_of(draw(parity_of(2000)), "<circle"), 2000U);

  const std::string many = draw(parity_of(2001));
  EXPECT_EQ(count_of(many, "<circle"), 0U);
  EXPECT_THAT(many, testing::HasSubstr("records in a cell"));
}

TEST(Histogram, CountsEveryValueOnce) {
  core::RandomStream random(2, "values");
  std::vector<double> values;
  for (int i = 0; i < 5000; ++i) values.push_back(random.normal());
  values.push_back(1e6);

  const std::string svg = draw(histogram_of(values));

  std::int64_t counted = 0;
  const std::regex tip("to [^:]*: ([0-9]+)<");
  for (auto at = std::sregex_iterator(svg.begin(), svg.end(), tip); at != std::sregex_iterator(); ++at)
    counted += std::stoll((*at)[1]);
  std::smatch outside;
  ASSERT_TRUE(std::regex_search(svg, outside, std::regex(">([0-9]+) of [^ ]* lie outside")));
  EXPECT_EQ(counted + std::stoll(outside[1]), 5001);
}

TEST(HeatMap, WritesValuesWhereCellsAreWideEnough) {
  const auto map = [](std::size_t side) {
    return draw(HeatMap{.title = "t",
                        .row_title = "r",
                        .column_title = "c",
                        .rows = std::vector<std::string>(side, "r"),
                        .columns = std::vector<std::string>(side, "c"),
                        .values = std::vector<double>(side * side, 0.5),
                        .texts = std::vector<std::string>(side * side, "half")});
  };
  EXPECT_EQ(count_of(map(4), ">half</text>"), 16U);
  EXPECT_EQ(count_of(map(25), ">half</text>"), 0U);
  EXPECT_EQ(count_of(map(25), "r / c: half"), 625U);
}

}  // namespace
}  // namespace tessera::report
