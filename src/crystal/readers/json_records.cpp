// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/json_records.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>

#include "core/text.hpp"
#include "crystal/readers/json_reader.hpp"
#include "crystal/readers/json_slices.hpp"
#include "crystal/readers/poscar_reader.hpp"
#include "crystal/readers/read_error.hpp"
#include "crystal/readers/utf8.hpp"

namespace tessera::crystal {
namespace {

struct Field {
  std::string_view key, value;
};

std::vector<Field> fields_of(std::string_view object, const std::string& source) {
  std::vector<Field> fields;
  for_each_json_member(object, source, [&](std::string_view key, std::string_view value) {
    fields.push_back({key, value});
    return true;
  });
  return fields;
}

std::string_view find(const std::vector<Field>& fields, std::string_view key) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.key == key; });
  return found == fields.end() ? std::string_view() : found->value;
}

bool is_structure(std::string_view value, const std::string& source) {
  if (kind_of_json(value) != JsonKind::Object) return false;
  const auto fields = fields_of(value, source);
  return !find(fields, "lattice").empty() && !find(fields, "sites").empty();
}

// What a cell holds, if it holds a crystal.
std::optional<SourceFormat> format_of(std::string_view value, const std::string& source) {
  if (is_structure(value, source)) return SourceFormat::StructureJson;
  if (kind_of_json(value) != JsonKind::String) return std::nullopt;
  if (value.find("_cell_length_a") != value.npos) return SourceFormat::CifInJson;
  constexpr std::size_t kHead = 2000;  // five short lines
  if (value.find("\\n") < kHead && looks_like_poscar(read_json_string(value, source)))
    return SourceFormat::PoscarInJson;
  return std::nullopt;
}

// An id as people write it: a string's text, a number as it stands.
std::string id_text(std::string_view value, const std::string& source) {
  if (value.empty() || kind_of_json(value) == JsonKind::Null) return "";
  return kind_of_json(value) == JsonKind::String ? read_json_string(value, source) : std::string(value);
}

// Collects rows, learning from them which column holds the crystal and which only numbers.
class Table {
 public:
  Table(std::string source, JsonRecords& out) : source_(std::move(source)), out_(out) {}

  void add(const std::vector<Field>& fields, const std::string& place, const std::string& fallback_id) {
    JsonRecord record;
    record.place = place;
    if (crystal_key_.empty()) choose_crystal(fields);
    for (const auto key : {"material_id", "id"})
      if (record.id.empty()) record.id = id_text(find(fields, key), source_);
    if (record.id.empty()) record.id = fallback_id;

    record.structure = find(fields, crystal_key_);
    const auto format = record.structure.empty() ? std::nullopt : format_of(record.structure, source_);
    if (format)
      record.format = *format;
    else
      record.reason = fmt::format("the record must have a structure{}, and has none. Leave it out.",
                                  crystal_key_.empty() ? "" : fmt::format(" in '{}'", crystal_key_));
    for (const Field& field : fields)
      if (field.key != crystal_key_ && field.key != "material_id" && field.key != "id") note(field, record);
    out_.records.push_back(std::move(record));
  }

  // A record that cannot be taken apart; the others stand.
  void add_broken(const std::string& place, const std::string& id, const std::string& reason) {
    JsonRecord& record = out_.records.emplace_back();
    record.id = id;
    record.place = place;
    record.reason = reason;
  }

  // Drops the columns that turned out to hold more than numbers.
  void finish() {
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].numbers && !columns_[i].others) {
        kept.push_back(i);
        out_.number_names.push_back(columns_[i].name);
      } else {
        out_.skipped.push_back(columns_[i].name);
      }
    }
    for (JsonRecord& record : out_.records) {
      std::vector<double> numbers;
      for (const std::size_t i : kept)
        numbers.push_back(i < record.numbers.size() ? record.numbers[i] : kMissing);
      record.numbers = std::move(numbers);
    }
  }

 private:
  struct Column {
    std::string name;
    bool numbers = false, others = false;
  };
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

  void choose_crystal(const std::vector<Field>& fields) {
    std::optional<SourceFormat> best;
    for (const Field& field : fields) {
      const auto format = format_of(field.value, source_);
      const auto rank = [](SourceFormat f) {
        return f == SourceFormat::StructureJson ? 0 : f == SourceFormat::CifInJson ? 1 : 2;
      };
      if (!format || (best && rank(*best) <= rank(*format))) continue;
      best = format;
      crystal_key_ = field.key;
    }
  }

  void note(const Field& field, JsonRecord& record) {
    const auto [entry, added] = by_name_.try_emplace(std::string(field.key), columns_.size());
    if (added) columns_.push_back({valid_utf8(entry->first), false, false});
    const std::size_t i = entry->second;
    const JsonKind kind = kind_of_json(field.value);
    if (kind == JsonKind::Null) return;
    // Python writes NaN and Infinity, which JSON does not have.
    const bool missing = field.value == "NaN" || field.value == "Infinity" || field.value == "-Infinity";
    const auto number = kind == JsonKind::Number && !missing ? core::parse_number(field.value) : std::nullopt;
    columns_[i].numbers = columns_[i].numbers || number;
    columns_[i].others = columns_[i].others || (!number && !missing);
    if (!number || !std::isfinite(*number)) return;
    if (record.numbers.size() <= i) record.numbers.resize(i + 1, kMissing);
    record.numbers[i] = *number;
  }

  std::string source_;
  JsonRecords& out_;
  std::string crystal_key_;
  std::vector<Column> columns_;
  std::unordered_map<std::string, std::size_t> by_name_;
};

void list_table(const std::vector<Field>& top, const std::string& source, Table& table) {
  std::vector<std::string> columns;
  for_each_json_member(find(top, "columns"), source, [&](std::string_view, std::string_view value) {
    columns.push_back(read_json_string(value, source));
    return true;
  });
  std::vector<std::string_view> index;
  if (const auto given = find(top, "index"); !given.empty())
    for_each_json_member(given, source, [&](std::string_view, std::string_view value) {
      index.push_back(value);
      return true;
    });
  std::size_t row = 0;
  for_each_json_member(find(top, "data"), source, [&](std::string_view, std::string_view value) {
    const std::string place = fmt::format("data[{}]", row);
    const std::string id = row < index.size() ? id_text(index[row], source) : fmt::format("{}", row);
    ++row;
    if (kind_of_json(value) != JsonKind::Array) {
      table.add_broken(place, id, fmt::format("a row must be a list of values, got {}", value.substr(0, 60)));
      return true;
    }
    std::vector<Field> fields;
    for_each_json_member(value, source, [&](std::string_view, std::string_view cell) {
      if (fields.size() == columns.size())
        throw ReadError(
            source, 0, fmt::format("{} must have {} values as columns has, got more", place, columns.size()));
      fields.push_back({columns[fields.size()], cell});
      return true;
    });
    if (fields.size() != columns.size())
      throw ReadError(
          source, 0,
          fmt::format("{} must have {} values as columns has, got {}", place, columns.size(), fields.size()));
    try {
      table.add(fields, place, id);
    } catch (const ReadError& error) {  // a cell broken inside its own brackets
      table.add_broken(place, id, error.reason());
    }
    return true;
  });
}

void list_documents(std::string_view array, const std::string& prefix, const std::string& source,
                    Table& table) {
  std::size_t row = 0, objects = 0;
  for_each_json_member(array, source, [&](std::string_view, std::string_view value) {
    const std::string place = fmt::format("{}[{}]", prefix, row);
    const std::string number = fmt::format("{}", row);
    ++row;
    if (kind_of_json(value) != JsonKind::Object) {
      table.add_broken(
          place, number,
          fmt::format("a document must be a JSON object with a structure, got {}", value.substr(0, 60)));
      return true;
    }
    ++objects;
    try {
      if (is_structure(value, source))
        table.add({{"structure", value}}, place, number);
      else
        table.add(fields_of(value, source), place, number);
    } catch (const ReadError& error) {  // broken inside its own brackets
      table.add_broken(place, number, error.reason());
    }
    return true;
  });
  if (row > 0 && objects == 0)
    throw ReadError(source, 0, fmt::format("{}[0] must be a JSON object with a structure", prefix));
}

}  // namespace

JsonRecords list_json_records(std::string_view text, const std::string& source, const std::string& stem) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // byte-order mark
  if (const std::size_t begin = text.find_first_not_of(" \t\r\n"); begin != text.npos)
    text.remove_prefix(begin);
  JsonRecords records;
  Table table(source, records);
  if (kind_of_json(text) == JsonKind::Array) {
    list_documents(text, "", source, table);
  } else {
    const auto top = fields_of(text, source);
    const auto data = find(top, "data");
    if (!data.empty() && !find(top, "columns").empty())
      list_table(top, source, table);
    else if (kind_of_json(data) == JsonKind::Array)
      list_documents(data, "data", source, table);
    else if (is_structure(text, source))
      table.add({{"structure", text}}, "", stem);
    else if (!find(top, "structure").empty())
      table.add(top, "", stem);
    else
      throw ReadError(
          source, 0,
          "must be a table (index, columns, data), a list of documents with a structure each, or one "
          "pymatgen Structure dict, got a JSON object without any of these");
  }
  table.finish();
  return records;
}

}  // namespace tessera::crystal
