// SPDX-License-Identifier: Apache-2.0
#include "data/record_table.hpp"

#include <fmt/core.h>

#include <limits>
#include <optional>
#include <unordered_set>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace tessera::data {
namespace {

constexpr std::size_t kTargetsBegin = 8;  // of both kinds

std::vector<std::string> header_of(const DatasetSchema& schema) {
  std::vector<std::string> header{"record", "id", "shard", "row", "atoms", "faces", "edges", "space_group"};
  if (schema.kind == kImages)
    header = {"record", "id", "group", "shard", "row", "height", "width", "um_per_px"};
  for (const auto& target : schema.targets)
    if (schema.kind == kImages || target.name != "space_group") header.push_back(target.name);
  return header;
}

// The column of each target.
std::vector<std::size_t> target_columns(const DatasetSchema& schema) {
  std::vector<std::size_t> columns;
  std::size_t next = kTargetsBegin;
  for (const auto& target : schema.targets)
    columns.push_back(schema.kind == kCrystals && target.name == "space_group" ? kTargetsBegin - 1 : next++);
  return columns;
}

// The counts of a row and their columns.
struct CountColumn {
  std::size_t column;
  std::int64_t RecordRow::*count;
};
std::vector<CountColumn> count_columns(const DatasetSchema& schema) {
  if (schema.kind == kImages)
    return {{3, &RecordRow::shard}, {4, &RecordRow::row}, {5, &RecordRow::height}, {6, &RecordRow::width}};
  return {{2, &RecordRow::shard},
          {3, &RecordRow::row},
          {4, &RecordRow::atoms},
          {5, &RecordRow::faces},
          {6, &RecordRow::edges}};
}
constexpr std::size_t kGroupColumn = 2, kScaleColumn = 7;  // of images

}  // namespace

RecordRow row_of(const CrystalRecord& record, std::int64_t shard, std::int64_t row) {
  RecordRow line;
  line.id = record.id;
  line.shard = shard;
  line.row = row;
  line.atoms = static_cast<std::int64_t>(record.structure.num_atoms());
  if (record.mesh) line.faces = static_cast<std::int64_t>(record.mesh->faces.size());
  if (record.graph) line.edges = static_cast<std::int64_t>(record.graph->neighbor.size());
  line.targets = record.targets;
  return line;
}

RecordRow row_of(const ImageRecord& record, std::int64_t shard, std::int64_t row) {
  RecordRow line;
  line.id = record.id;
  line.shard = shard;
  line.row = row;
  line.group = record.group;
  line.height = record.image.grey.height();
  line.width = record.image.grey.width();
  line.um_per_px = record.image.um_per_px;
  line.targets = record.targets;
  return line;
}

std::string records_csv(std::span<const RecordRow> rows, const DatasetSchema& schema) {
  const auto header = header_of(schema);
  const auto columns = target_columns(schema);
  std::string text = core::csv_line(header);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    std::vector<std::string> fields(header.size());
    fields[0] = std::to_string(i);
    fields[1] = row.id;
    for (const auto& [column, count] : count_columns(schema)) fields[column] = std::to_string(row.*count);
    if (schema.kind == kImages) {
      fields[kGroupColumn] = row.group;
      fields[kScaleColumn] = core::csv_number(row.um_per_px);
    }
    for (std::size_t t = 0; t < columns.size(); ++t) fields[columns[t]] = core::csv_number(row.targets[t]);
    text += core::csv_line(fields);
  }
  return text;
}

std::vector<RecordRow> parse_records_csv(const std::string& text, const std::string& source,
                                         const DatasetSchema& schema) {
  const auto lines = core::parse_csv(text, source);
  const auto header = header_of(schema);
  if (lines.empty() || lines.front().fields != header)
    throw core::DataError(fmt::format("{}:1: the columns must be {}. Prepare the dataset again.", source,
                                      core::join(header, ",")));
  const auto columns = target_columns(schema);
  std::vector<RecordRow> rows;
  std::unordered_set<std::string> ids;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto& fields = lines[i].fields;
    const auto refuse = [&](const std::string& problem) {
      throw core::DataError(
          fmt::format("{}:{}: {}. Prepare the dataset again.", source, lines[i].line, problem));
    };
    if (fields.size() != header.size())
      refuse(fmt::format("{} fields expected, got {}", header.size(), fields.size()));
    const auto count = [&](std::size_t column) {
      const auto value = core::parse_integer(fields[column]);
      if (!value || *value < 0)
        refuse(fmt::format("{} must be a number from 0 on, got \"{}\"", header[column], fields[column]));
      return *value;
    };
    if (count(0) != static_cast<std::int64_t>(rows.size())) refuse("records must be numbered 0, 1, 2, …");
    if (fields[1].empty() || !ids.insert(fields[1]).second)
      refuse(fmt::format("ids must be given and differ, got \"{}\"", fields[1]));
    const auto number = [&](std::size_t column) {
      const auto value = fields[column].empty() ? std::numeric_limits<double>::quiet_NaN()
                                                : core::parse_number(fields[column]);
      if (!value) refuse(fmt::format("{} must be a number, got \"{}\"", header[column], fields[column]));
      return *value;
    };
    RecordRow row;
    row.id = fields[1];
    for (const auto& [column, member] : count_columns(schema)) row.*member = count(column);
    if (schema.kind == kImages) {
      row.group = fields[kGroupColumn];
      row.um_per_px = number(kScaleColumn);
    }
    for (const auto column : columns) row.targets.push_back(number(column));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tessera::data
