// SPDX-License-Identifier: Apache-2.0
// A picture as inline SVG, written element by element. Lengths are pixels, y grows downwards; colours are
// those of palette.hpp; all text is escaped here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tessera::report {

struct Point {
  double x = 0;
  double y = 0;
};

enum class Anchor { Start, Middle, End };

struct TextStyle {
  double size = 12;
  Anchor anchor = Anchor::Start;
  std::string colour = {};  // the ink where empty
  bool bold = false;
  double turned = 0;  // degrees, clockwise, about its point
};

/// For text and attributes of XML and HTML.
std::string escape_markup(std::string_view text);

/// Rough width of a text in the report's fonts.
double text_width(std::string_view text, double size);

/// At most `columns` characters, the last an ellipsis where something was cut.
std::string shortened(const std::string& text, std::size_t columns);

class SvgCanvas {
 public:
  /// `title` is what a screen reader says.
  SvgCanvas(double width, double height, std::string_view title);

  void line(Point from, Point to, const std::string& colour, double width = 1, bool dashed = false);
  void polyline(const std::vector<Point>& points, const std::string& colour, double width = 1.8);
  void rectangle(Point corner, double width, double height, const std::string& colour,
                 std::string_view tip = {});
  /// Many equal shapes of one colour in one element.
  void dots(const std::vector<Point>& centres, double radius, const std::string& colour, double opacity);
  void squares(const std::vector<Point>& corners, double side, const std::string& colour);
  void text(Point at, std::string_view text, const TextStyle& style = {});

  double width() const { return width_; }
  double height() const { return height_; }
  std::string finish();

 private:
  double width_;
  double height_;
  std::string body_;
};

}  // namespace tessera::report
