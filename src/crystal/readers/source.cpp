// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/source.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "crystal/readers/cif_reader.hpp"
#include "crystal/readers/json_reader.hpp"
#include "crystal/readers/poscar_reader.hpp"
#include "crystal/readers/read_error.hpp"

namespace tessera::crystal {
namespace {

constexpr std::uint64_t kMaxTextBytes = 64ull << 20;

// The text format: the sections' sizes, then one CSV row each.
constexpr std::size_t kFixedFields = 8;

std::int64_t whole_number(const core::CsvRow& row, std::size_t field) {
  const auto number = field < row.fields.size() ? core::parse_integer(row.fields[field]) : std::nullopt;
  if (!number || *number < 0)
    throw core::DataError(fmt::format("the index of sources is damaged in line {}", row.line));
  return *number;
}

}  // namespace

std::string index_to_text(const SourceIndex& index) {
  const auto count = [](const auto& list) { return fmt::format("{}", list.size()); };
  std::string text = core::csv_line(
      {count(index.files), count(index.target_names), count(index.skipped_columns), count(index.entries)});
  for (const auto* list : {&index.files, &index.target_names, &index.skipped_columns})
    for (const auto& word : *list) text += core::csv_line({"=", word});
  for (const SourceEntry& entry : index.entries) {
    const bool whole = entry.length == SourceEntry::kWholeFile;
    std::vector<std::string> fields = {entry.id,
                                       entry.source,
                                       entry.reason,
                                       fmt::format("{}", entry.line),
                                       fmt::format("{}", static_cast<int>(entry.format)),
                                       fmt::format("{}", entry.file),
                                       fmt::format("{}", entry.offset),
                                       whole ? "" : fmt::format("{}", entry.length)};
    for (const double target : entry.targets) fields.push_back(core::csv_number(target));
    text += core::csv_line(fields);
  }
  return text;
}

SourceIndex index_from_text(std::string_view text) {
  const auto rows = core::parse_csv(text, "index of sources");
  if (rows.empty()) throw core::DataError("the index of sources is empty");
  SourceIndex index;
  std::size_t at = 1;
  std::size_t field = 0;
  const auto expected = [&](std::size_t count) {
    if (count > rows.size() - at) throw core::DataError("the index of sources is cut off");
    return count;
  };
  for (auto* list : {&index.files, &index.target_names, &index.skipped_columns})
    for (std::size_t left = expected(static_cast<std::size_t>(whole_number(rows[0], field++))); left > 0;
         --left)
      list->push_back(rows[at++].fields.back());
  index.entries.resize(expected(static_cast<std::size_t>(whole_number(rows[0], field))));
  for (SourceEntry& entry : index.entries) {
    const core::CsvRow& row = rows[at++];
    if (row.fields.size() != kFixedFields + index.target_names.size())
      throw core::DataError(fmt::format("the index of sources is damaged in line {}", row.line));
    entry.id = row.fields[0];
    entry.source = row.fields[1];
    entry.reason = row.fields[2];
    entry.line = static_cast<int>(whole_number(row, 3));
    entry.format = static_cast<SourceFormat>(whole_number(row, 4));
    entry.file = static_cast<std::uint32_t>(whole_number(row, 5));
    entry.offset = static_cast<std::uint64_t>(whole_number(row, 6));
    if (!row.fields[7].empty()) entry.length = static_cast<std::uint64_t>(whole_number(row, 7));
    for (std::size_t i = kFixedFields; i < row.fields.size(); ++i)
      entry.targets.push_back(core::parse_number(row.fields[i]).value_or(std::nan("")));
  }
  return index;
}

struct SourceReader::OpenFile {
  std::uint32_t file = UINT32_MAX;
  int descriptor = -1;

  OpenFile() = default;
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { close(); }
  void close() {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
  }
};

SourceReader::SourceReader(const SourceIndex& index) : index_(index), open_(std::make_unique<OpenFile>()) {}
SourceReader::~SourceReader() = default;

std::string SourceReader::text(const SourceEntry& entry) {
  const auto fail = [&](int code) {
    throw ReadError(
        entry.source, 0,
        fmt::format("cannot read {}: {}", index_.files.at(entry.file),
                    code == 0 ? "it ends early; it changed since it was indexed" : std::strerror(code)));
  };
  if (entry.file != open_->file || open_->descriptor < 0) {
    open_->close();
    open_->descriptor = ::open(index_.files.at(entry.file).c_str(), O_RDONLY | O_CLOEXEC);
    if (open_->descriptor < 0) fail(errno);
    open_->file = entry.file;
  }
  const bool whole = entry.length == SourceEntry::kWholeFile;
  const auto too_long = [&] {
    throw ReadError(
        entry.source, 0,
        fmt::format("a crystal's text must be at most {} MiB, and is longer", kMaxTextBytes >> 20));
  };
  if (!whole && entry.length > kMaxTextBytes) too_long();
  std::string content(whole ? 1 << 14 : entry.length, '\0');
  std::size_t filled = 0;
  for (;;) {
    if (filled == content.size()) {
      if (!whole) return content;
      if (filled > kMaxTextBytes) too_long();
      content.resize(2 * content.size());
    }
    const ssize_t got = ::pread(open_->descriptor, content.data() + filled, content.size() - filled,
                                static_cast<off_t>(entry.offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  if (!whole) fail(0);
  content.resize(filled);
  return content;
}

Structure SourceReader::structure(const SourceEntry& entry) {
  if (!entry.reason.empty()) throw ReadError(entry.source, entry.line, entry.reason);
  return parse_entry(entry, text(entry));
}

Structure parse_entry(const SourceEntry& entry, std::string_view text) {
  const auto read = [&] {
    switch (entry.format) {
      case SourceFormat::Cif: return read_cif(text, entry.source);
      case SourceFormat::Poscar: return read_poscar(text, entry.source);
      case SourceFormat::StructureJson: return read_structure_json(text, entry.source);
      case SourceFormat::CifInJson: return read_cif(read_json_string(text, entry.source), entry.source);
      case SourceFormat::PoscarInJson: return read_poscar(read_json_string(text, entry.source), entry.source);
    }
    throw core::InternalError("a source entry of unknown format");
  };
  const Structure structure = read();
  try {
    check_possible(structure);
  } catch (const core::DataError& error) {
    throw ReadError(entry.source, 0, error.what());
  }
  return structure;
}

}  // namespace tessera::crystal
