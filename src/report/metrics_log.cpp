// SPDX-License-Identifier: Apache-2.0
#include "report/metrics_log.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "core/text.hpp"

namespace tessera::report {
namespace {

namespace fs = std::filesystem;

std::string csv_row(std::span<const double> values) {
  std::vector<std::string> fields;
  for (double value : values) fields.push_back(core::csv_number(value));
  return core::csv_line(fields);
}

// A row as numbers, or nothing where it is torn.
std::optional<std::vector<double>> numbers_of(const core::CsvRow& row, std::size_t num_fields) {
  if (row.fields.size() != num_fields) return std::nullopt;
  std::vector<double> values;
  for (const auto& field : row.fields) {
    const auto value = core::parse_number(field);
    if (!value && !field.empty()) return std::nullopt;
    values.push_back(value.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  return values;
}

// The rows of an earlier log up to `last_step`, in the order of `columns`.
std::vector<std::vector<double>> kept_rows(const fs::path& path, const std::vector<std::string>& columns,
                                           std::int64_t last_step) {
  if (!fs::exists(path)) return {};
  const std::string text = core::read_file(path);
  const auto whole_lines = std::string_view(text).substr(0, text.rfind('\n') + 1);
  const auto rows = core::parse_csv(whole_lines, path.string());
  std::vector<std::vector<double>> kept;
  if (rows.empty()) return kept;

  const core::CsvTable table{rows.front().fields, {}};
  const auto step_column = table.column("step");
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto values = numbers_of(rows[i], table.header.size());
    if (!values || !step_column) {
      core::log::warning("{}:{}: not a row of numbers, left out", path.string(), rows[i].line);
      continue;
    }
    if (!((*values)[*step_column] <= static_cast<double>(last_step))) continue;
    std::vector<double> row;
    for (const auto& name : columns) {
      const auto from = table.column(name);
      row.push_back(from ? (*values)[*from] : std::numeric_limits<double>::quiet_NaN());
    }
    kept.push_back(std::move(row));
  }
  return kept;
}

}  // namespace

MetricsLog::MetricsLog(const fs::path& folder, std::vector<std::string> columns,
                       std::optional<std::int64_t> resumed_after)
    : columns_(std::move(columns)) {
  TESSERA_ASSERT(std::find(columns_.begin(), columns_.end(), "step") != columns_.end());
  const fs::path csv_path = folder / "metrics.csv";
  const fs::path json_path = folder / "metrics.jsonl";

  std::string csv = core::csv_line(columns_), json;
  if (resumed_after)
    for (const auto& row : kept_rows(csv_path, columns_, *resumed_after)) {
      csv += csv_row(row);
      json += json_line(row);
    }
  core::write_file_atomically(csv_path, csv);
  core::write_file_atomically(json_path, json);
  csv_ = std::make_unique<AppendFile>(csv_path, AppendFile::Mode::Continue);
  json_lines_ = std::make_unique<AppendFile>(json_path, AppendFile::Mode::Continue);
}

void MetricsLog::append(std::span<const double> values) {
  TESSERA_ASSERT(values.size() == columns_.size());
  csv_->append(csv_row(values));
  json_lines_->append(json_line(values));
  csv_->sync();  // the JSON lines are made anew from it when the run goes on
}

std::string MetricsLog::json_line(std::span<const double> values) const {
  std::string line = "{";
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) line += ", ";
    line += nlohmann::json(columns_[i]).dump() + ": ";
    line += std::isfinite(values[i]) ? fmt::format("{}", values[i]) : "null";  // JSON has no other word
  }
  return line + "}\n";
}

}  // namespace tessera::report
