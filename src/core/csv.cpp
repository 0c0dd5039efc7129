// SPDX-License-Identifier: Apache-2.0
#include "core/csv.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/file.hpp"

namespace tessera::core {

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found == header.end()) return std::nullopt;
  return static_cast<std::size_t>(found - header.begin());
}

std::vector<CsvRow> parse_csv(std::string_view text, const std::string& source) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // the byte-order mark spreadsheets write
  std::vector<CsvRow> rows;
  int line = 1;
  std::size_t at = 0;
  while (at < text.size()) {
    CsvRow row;
    row.line = line;
    bool row_ended = false, quoted = false;
    while (!row_ended) {
      std::string field;
      std::size_t kept = 0;  // what stood in quotes stays as it is
      if (at < text.size() && text[at] == '"') {
        quoted = true;
        for (++at;; ++at) {
          if (at == text.size())
            throw InputError(
                fmt::format("{}:{}: a quoted field is never closed. Add the missing \".", source, row.line));
          if (text[at] == '"' && at + 1 < text.size() && text[at + 1] == '"')
            ++at;
          else if (text[at] == '"')
            break;
          if (text[at] == '\n') ++line;
          field += text[at];
        }
        ++at;
        kept = field.size();
      }
      while (at < text.size() && text[at] != ',' && text[at] != '\n') field += text[at++];
      if (field.size() > kept && field.back() == '\r') field.pop_back();
      row.fields.push_back(std::move(field));
      row_ended = at == text.size() || text[at] == '\n';
      ++at;
    }
    ++line;
    const bool blank = row.fields.size() == 1 && row.fields.front().empty() && !quoted;
    if (!blank) rows.push_back(std::move(row));
  }
  return rows;
}

CsvTable read_csv(const std::filesystem::path& path) {
  auto rows = parse_csv(read_file(path), path.string());
  if (rows.empty())
    throw InputError(fmt::format("{} is empty; its first line must name the columns", path.string()));
  CsvTable table{std::move(rows.front().fields), {}};
  table.rows.assign(std::make_move_iterator(rows.begin() + 1), std::make_move_iterator(rows.end()));
  for (const auto& row : table.rows)
    if (row.fields.size() != table.header.size())
      throw InputError(fmt::format("{}:{}: must have {} fields as the header does, got {}", path.string(),
                                   row.line, table.header.size(), row.fields.size()));
  return table;
}

std::string csv_line(const std::vector<std::string>& fields) {
  if (fields.size() == 1 && fields.front().empty()) return "\"\"\n";  // a blank line is no row
  std::string line;
  for (const auto& field : fields) {
    if (!line.empty() || &field != &fields.front()) line += ',';
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      line += field;
      continue;
    }
    line += '"';
    for (char c : field) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line + '\n';
}

std::string csv_number(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

}  // namespace tessera::core
