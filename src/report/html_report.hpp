// SPDX-License-Identifier: Apache-2.0
// One HTML page that needs nothing beside it: style and pictures inside, light and dark, fit for printing, no
// script. Built from top to bottom; every text handed in is plain and escaped here, except drawn pictures.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tessera::report {

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::string caption = {};
  std::size_t rows_shown = 25;  // the rest unfolds on a click
};

struct Figure {
  std::string svg;  // as `draw` makes it
  std::string caption = {};
};

/// A number that counts, large, with what it is below.
struct Headline {
  std::string value;
  std::string label;
};

class HtmlReport {
 public:
  explicit HtmlReport(const std::string& title);

  void section(const std::string& title);
  void paragraph(const std::string& text);
  /// Something the reader should not miss: a part not found, a run not finished.
  void warning(const std::string& text);
  void headlines(const std::vector<Headline>& headlines);
  /// Names and values in two columns.
  void facts(const std::vector<std::pair<std::string, std::string>>& facts);
  /// Columns of numbers are set to the right.
  void table(const Table& table);
  /// Side by side where there is room.
  void figures(const std::vector<Figure>& figures);
  /// Text with its line breaks, folded under `title`.
  void folded_text(const std::string& title, const std::string& text);

  /// The whole document, `footer` as its last line.
  std::string html(const std::string& footer) const;

 private:
  std::string title_;
  std::string body_;
};

}  // namespace tessera::report
