// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/targets.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "crystal/readers/utf8.hpp"

namespace tessera::crystal {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::size_t id_column(const core::CsvTable& table, std::span<const std::string_view> names) {
  for (const auto name : names)
    if (const auto column = table.column(name)) return *column;
  return 0;
}

bool is_numeric(const core::CsvTable& table, std::size_t column) {
  bool any = false;
  for (const core::CsvRow& row : table.rows) {
    if (is_missing_cell(row.fields[column])) continue;
    if (!core::parse_number(row.fields[column])) return false;
    any = true;
  }
  return any;
}

}  // namespace

bool is_missing_cell(std::string_view cell) {
  static constexpr std::array<std::string_view, 6> kWords = {"", "nan", "na", "n/a", "none", "null"};
  return std::find(kWords.begin(), kWords.end(), core::lower_case(core::trim(cell))) != kWords.end();
}

TargetTable read_targets(const std::filesystem::path& path, std::span<const std::string_view> id_columns) {
  core::CsvTable table = core::read_csv(path);
  for (std::string& name : table.header) name = valid_utf8(core::trim(name));  // "id, gap" names gap
  const std::size_t id = id_column(table, id_columns);
  TargetTable targets;
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    if (i != *table.column(table.header[i]))
      throw core::InputError(fmt::format("{}:1: column names must differ, got '{}' twice. Rename one.",
                                         path.string(), table.header[i]));
    if (i == id) continue;
    const bool numeric = is_numeric(table, i);
    (numeric ? targets.names : targets.skipped).push_back(table.header[i]);
    if (numeric) columns.push_back(i);
  }
  if (columns.empty())
    throw core::InputError(
        fmt::format("{} must have a numeric column beside '{}', and has none. A single cell with text "
                    "makes a column text.",
                    path.string(), table.header[id]));

  for (const core::CsvRow& row : table.rows) {
    const std::string key = valid_utf8(core::trim(row.fields[id]));
    if (key.empty())
      throw core::InputError(
          fmt::format("{}:{}: '{}' must name what the row is about, and is empty. Fill it or remove the row.",
                      path.string(), row.line, table.header[id]));
    const auto [entry, added] = targets.rows.try_emplace(key);
    if (!added) {
      targets.duplicates.push_back({key, row.line, entry->second.line});
      continue;
    }
    entry->second.line = row.line;
    for (const std::size_t column : columns) {
      const double value = core::parse_number(row.fields[column]).value_or(kMissing);
      entry->second.values.push_back(std::isfinite(value) ? value : kMissing);
    }
  }
  return targets;
}

}  // namespace tessera::crystal
