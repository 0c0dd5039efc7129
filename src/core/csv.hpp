// SPDX-License-Identifier: Apache-2.0
// CSV as RFC 4180 has it: comma-separated, quotes where a field needs them, CRLF or LF. Rows keep the line of
// the file they began on, for messages.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::core {

struct CsvRow {
  std::vector<std::string> fields;
  int line = 0;  // 1-based
};

struct CsvTable {
  std::vector<std::string> header;
  std::vector<CsvRow> rows;

  /// Index of a column, or nothing.
  std::optional<std::size_t> column(std::string_view name) const;
};

/// All rows, blank lines left out. Raises InputError for an unclosed quote, naming `source` and line.
std::vector<CsvRow> parse_csv(std::string_view text, const std::string& source);

/// A table with header; raises InputError where a row's length differs from the header's.
CsvTable read_csv(const std::filesystem::path& path);

/// One line with its newline, fields quoted where needed.
std::string csv_line(const std::vector<std::string>& fields);

/// The shortest text that reads back as the same double; "" for NaN.
std::string csv_number(double value);

}  // namespace tessera::core
