// SPDX-License-Identifier: Apache-2.0
#include "report/svg_canvas.hpp"

#include <fmt/core.h>

#include "report/palette.hpp"

namespace tessera::report {
namespace {

// Coordinates to a tenth of a pixel; "12" rather than "12.0".
std::string px(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

}  // namespace

std::string escape_markup(std::string_view text) {
  std::string escaped;
  for (const char c : text) switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default:
        // Control characters are no part of XML.
        escaped += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  return escaped;
}

double text_width(std::string_view text, double size) {
  double units = 0;
  for (const char c : text) {
    if (!starts_character(c)) continue;
    const bool narrow = std::string_view("iljtfI.,:;'|()[]! ").find(c) != std::string_view::npos;
    const bool wide = std::string_view("mwMW%@").find(c) != std::string_view::npos;
    units += narrow ? 0.32 : wide ? 0.88 : c >= 'A' && c <= 'Z' ? 0.68 : 0.57;
  }
  return units * size;
}

std::string shortened(const std::string& text, std::size_t columns) {
  std::size_t used = 0, last_start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!starts_character(text[i])) continue;
    if (used++ == columns) return text.substr(0, last_start) + "…";
    last_start = i;
  }
  return text;
}

SvgCanvas::SvgCanvas(double width, double height, std::string_view title) : width_(width), height_(height) {
  body_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\" font-family=\"system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif\">"
      "<title>{2}</title>\n",
      px(width), px(height), escape_markup(title));
}

void SvgCanvas::line(Point from, Point to, const std::string& colour, double width, bool dashed) {
  body_ += fmt::format("<path d=\"M{} {}L{} {}\" style=\"stroke:{}\" stroke-width=\"{}\" fill=\"none\"{}/>\n",
                       px(from.x), px(from.y), px(to.x), px(to.y), colour, width,
                       dashed ? " stroke-dasharray=\"5 4\"" : "");
}

void SvgCanvas::polyline(const std::vector<Point>& points, const std::string& colour, double width) {
  if (points.empty()) return;
  std::string path;
  for (const auto& point : points)
    path += fmt::format("{}{} {}", path.empty() ? 'M' : 'L', px(point.x), px(point.y));
  body_ += fmt::format(
      "<path d=\"{}\" style=\"stroke:{}\" stroke-width=\"{}\" fill=\"none\" stroke-linejoin=\"round\" "
      "stroke-linecap=\"round\"/>\n",
      path, colour, width);
}

void SvgCanvas::rectangle(Point corner, double width, double height, const std::string& colour,
                          std::string_view tip) {
  body_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" style=\"fill:{}\"", px(corner.x),
                       px(corner.y), px(width), px(height), colour);
  body_ += tip.empty() ? "/>\n" : fmt::format("><title>{}</title></rect>\n", escape_markup(tip));
}

void SvgCanvas::dots(const std::vector<Point>& centres, double radius, const std::string& colour,
                     double opacity) {
  body_ += fmt::format("<g style=\"fill:{}\" fill-opacity=\"{}\">", colour, opacity);
  for (const auto& centre : centres)
    body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"/>", px(centre.x), px(centre.y), px(radius));
  body_ += "</g>\n";
}

void SvgCanvas::squares(const std::vector<Point>& corners, double side, const std::string& colour) {
  if (corners.empty()) return;
  body_ += fmt::format("<path style=\"fill:{}\" d=\"", colour);
  for (const auto& corner : corners)
    body_ += fmt::format("M{} {}h{}v{}h-{}z", px(corner.x), px(corner.y), px(side), px(side), px(side));
  body_ += "\"/>\n";
}

void SvgCanvas::text(Point at, std::string_view text, const TextStyle& style) {
  const char* anchor = style.anchor == Anchor::Start    ? "start"
                       : style.anchor == Anchor::Middle ? "middle"
                                                        : "end";
  const std::string turn =
      style.turned != 0 ? fmt::format(" transform=\"rotate({} {} {})\"", px(style.turned), px(at.x), px(at.y))
                        : "";
  body_ += fmt::format(
      "<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\" style=\"fill:{}\"{}{}>{}</text>\n",
      px(at.x), px(at.y), px(style.size), anchor, style.colour.empty() ? ink_colour() : style.colour,
      style.bold ? " font-weight=\"600\"" : "", turn, escape_markup(text));
}

std::string SvgCanvas::finish() {
  return std::move(body_) + "</svg>\n";
}

}  // namespace tessera::report
