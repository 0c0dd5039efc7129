// SPDX-License-Identifier: Apache-2.0
#include "data/quarantine.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

namespace tessera::data {

static const std::vector<std::string> kColumns{"id", "source", "line", "reason"};

std::string quarantine_csv(std::vector<QuarantineRow> rows) {
  std::sort(rows.begin(), rows.end());
  std::string text = core::csv_line(kColumns);
  for (const auto& row : rows)
    text += core::csv_line({row.id, row.source, row.line > 0 ? std::to_string(row.line) : "", row.reason});
  return text;
}

std::vector<QuarantineRow> read_quarantine(const std::filesystem::path& path) {
  const auto lines = core::parse_csv(core::read_file(path), path.string());
  if (lines.empty() || lines.front().fields != kColumns)
    throw core::DataError(fmt::format("{}:1: the columns must be id,source,line,reason", path.string()));
  std::vector<QuarantineRow> rows;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto& fields = lines[i].fields;
    const auto line = fields.size() == kColumns.size()
                          ? core::parse_integer(fields[2].empty() ? "0" : fields[2])
                          : std::nullopt;
    if (!line)
      throw core::DataError(fmt::format("{}:{}: must have id, source, line (a number) and reason",
                                        path.string(), lines[i].line));
    rows.push_back({fields[0], fields[1], static_cast<int>(*line), fields[3]});
  }
  return rows;
}

}  // namespace tessera::data
