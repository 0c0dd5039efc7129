// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "crystal/readers/archive_reader.hpp"
#include "crystal/readers/read_error.hpp"
#include "crystal/readers/source.hpp"
#include "crystal/readers/source_kind.hpp"
#include "crystal/readers/spool.hpp"

namespace tessera::crystal {
namespace {

namespace fs = std::filesystem;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr const char* kCgcnnTable = "id_prop.csv";
constexpr const char* kKnownKinds =
    "Crystals come as *.cif, POSCAR*, *.vasp, *.json (each also .gz, .xz), .tar, .tar.gz, .tar.xz, .zip of "
    "them, or a "
    "folder of them";

std::vector<std::string> sorted_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code))
    if (!entry->is_directory(code)) names.push_back(entry->path().filename().string());
  if (code)
    throw core::InputError(fmt::format("cannot list the folder {}: {}", folder.string(), code.message()));
  std::sort(names.begin(), names.end());
  return names;
}

class Indexer {
 public:
  explicit Indexer(const fs::path& spool) : spool_(spool) {}

  void add_input(const fs::path& path) {
    std::error_code code;
    const auto status = fs::status(path, code);
    if (!fs::exists(status))
      throw core::InputError(fmt::format("--input {} must exist, and does not", path.string()));
    const std::size_t before = index_.entries.size();
    if (!fs::is_directory(status))
      add_file(path, name_of_source(path));
    else if (fs::exists(path / kCgcnnTable, code))
      add_cgcnn_folder(path);
    else
      add_folder(path);
    if (index_.entries.size() == before)
      throw core::InputError(
          fmt::format("--input {} must hold crystals, and holds none. {}.", path.string(), kKnownKinds));
  }

  SourceIndex finish() {
    spool_.flush();
    auto& entries = index_.entries;
    std::stable_sort(entries.begin(), entries.end(),
                     [](const SourceEntry& a, const SourceEntry& b) { return a.id < b.id; });
    const SourceEntry* first = nullptr;
    for (SourceEntry& entry : entries) {
      entry.targets.resize(index_.target_names.size(), kMissing);
      if (first && first->id == entry.id)
        entry.reason =
            fmt::format("duplicate id '{}': the first is {}. Rename or remove one.", entry.id, first->source);
      else
        first = &entry;
    }
    return std::move(index_);
  }

 private:
  std::uint32_t file_number(const std::string& path) {
    if (index_.files.empty() || index_.files.back() != path) index_.files.push_back(path);
    return static_cast<std::uint32_t>(index_.files.size() - 1);
  }

  SourceEntry& add(std::string id, std::string source, SourceKind kind) {
    SourceEntry& entry = index_.entries.emplace_back();
    entry.id = std::move(id);
    entry.source = std::move(source);
    entry.format = kind == SourceKind::Poscar ? SourceFormat::Poscar : SourceFormat::Cif;
    return entry;
  }

  void add_broken(const std::string& id, const std::string& source, const ReadError& error) {
    SourceEntry& entry = add(id, source, SourceKind::Cif);
    entry.reason = error.reason();
    entry.line = error.line();
  }

  // A path the user named: what is wrong with it as a whole is an error, not a record.
  void add_file(const fs::path& path, const SourceName& name) {
    switch (name.kind) {
      case SourceKind::Cif:
      case SourceKind::Poscar: add_crystal_file(path, name); return;
      case SourceKind::Json: add_json_file(path, name); return;
      case SourceKind::Archive: add_archive(path); return;
      case SourceKind::Unknown:
        throw core::InputError(
            fmt::format("--input {} is of no known kind. {}.", path.string(), kKnownKinds));
    }
  }

  void add_crystal_file(const fs::path& path, const SourceName& name) {
    if (name.compressed) {
      const auto [offset, length] = unpack(path);
      SourceEntry& entry = add(name.id, path.string(), name.kind);
      place(entry, spool_.path(), offset, length);
    } else {
      SourceEntry& entry = add(name.id, path.string(), name.kind);
      entry.file = file_number(path.string());
    }
  }

  void add_json_file(const fs::path& path, const SourceName& name) {
    if (name.compressed) {
      const auto [offset, length] = unpack(path);
      add_json(spool_.path(), offset, length, path.string(), name.id);
    } else {
      add_json(path, 0, SourceEntry::kWholeFile, path.string(), name.id);
    }
  }

  void add_folder(const fs::path& folder) {
    std::string archives;
    for (const std::string& file : sorted_names(folder)) {
      const fs::path path = folder / file;
      const SourceName name = name_of_source(path);
      if (name.kind == SourceKind::Archive) archives += (archives.empty() ? "" : ", ") + path.string();
      if (name.kind == SourceKind::Cif || name.kind == SourceKind::Poscar) add_crystal_file(path, name);
      if (name.kind != SourceKind::Json) continue;
      try {
        add_json_file(path, name);
      } catch (const ReadError& error) {
        add_broken(name.id, path.string(), error);
      }
    }
    if (index_.entries.empty() && !archives.empty())
      throw core::InputError(
          fmt::format("--input {} must hold crystals, and holds archives only. Give them instead: {}",
                      folder.string(), archives));
  }

  // Xie and Grossman's layout: id_prop.csv without a header, id.cif for each of its rows.
  void add_cgcnn_folder(const fs::path& folder) {
    const fs::path table = folder / kCgcnnTable;
    const auto rows = core::parse_csv(core::read_file(table), table.string());
    const auto names = sorted_names(folder);
    std::set<std::string> unlisted;
    for (const std::string& name : names)
      if (name_of_source(name).kind == SourceKind::Cif && name.ends_with(".cif")) unlisted.insert(name);
    for (const core::CsvRow& row : rows) {
      const std::string id(core::trim(row.fields[0]));
      const fs::path path = folder / (id + ".cif");
      SourceEntry& entry = add(id, path.string(), SourceKind::Cif);
      entry.file = file_number(path.string());
      for (std::size_t i = 1; i < row.fields.size(); ++i) {
        const std::size_t column = target_column(i == 1 ? "target" : fmt::format("target_{}", i));
        set_target(entry, column, core::parse_number(row.fields[i]).value_or(kMissing));
      }
      unlisted.erase(id + ".cif");
      if (std::binary_search(names.begin(), names.end(), id + ".cif")) continue;
      entry.source = table.string();
      entry.line = row.line;
      entry.reason =
          fmt::format("the row's crystal must be there as {}.cif, and is not. Add it or remove the row.", id);
    }
    for (const std::string& name : unlisted) {
      SourceEntry& entry = add(name_of_source(name).id, (folder / name).string(), SourceKind::Cif);
      entry.reason = fmt::format(
          "the crystal must have a row in {}, and has none. Add it or remove the file.", kCgcnnTable);
    }
  }

  void add_archive(const fs::path& path) {
    ArchiveReader archive(path, ArchiveReader::Kind::Members);
    while (archive.next()) {
      const SourceName name = name_of_source(archive.name());
      const bool crystal = name.kind == SourceKind::Cif || name.kind == SourceKind::Poscar;
      if (name.compressed || !(crystal || name.kind == SourceKind::Json)) continue;
      const std::string source = fmt::format("{}:{}", path.filename().string(), archive.name());
      const auto [offset, length] = unpack(archive);
      if (crystal) {
        place(add(name.id, source, name.kind), spool_.path(), offset, length);
        continue;
      }
      try {
        add_json(spool_.path(), offset, length, source, name.id);
      } catch (const ReadError& error) {
        add_broken(name.id, source, error);
      }
    }
  }

  // The records of JSON that lies in a plain file, or in a part of one.
  void add_json(const fs::path& file, std::uint64_t offset, std::uint64_t length, const std::string& source,
                const std::string& stem) {
    spool_.flush();
    const MappedFile mapped(file);
    const std::string_view text = mapped.text().substr(offset, length);
    JsonRecords listed = list_json_records(text, source, stem);
    std::vector<std::size_t> columns;
    for (const std::string& name : listed.number_names) columns.push_back(target_column(name));
    for (const std::string& name : listed.skipped) {
      auto& skipped = index_.skipped_columns;
      if (std::find(skipped.begin(), skipped.end(), name) == skipped.end()) skipped.push_back(name);
    }
    for (JsonRecord& record : listed.records) {
      SourceEntry& entry =
          add(std::move(record.id),
              record.place.empty() ? source : fmt::format("{}:{}", source, record.place), SourceKind::Json);
      entry.reason = std::move(record.reason);
      entry.format = record.format;
      if (entry.reason.empty())
        place(entry, file, static_cast<std::uint64_t>(record.structure.data() - mapped.text().data()),
              record.structure.size());
      for (std::size_t i = 0; i < columns.size(); ++i) set_target(entry, columns[i], record.numbers[i]);
    }
  }

  void place(SourceEntry& entry, const fs::path& file, std::uint64_t offset, std::uint64_t length) {
    entry.file = file_number(file.string());
    entry.offset = offset;
    entry.length = length;
  }

  struct Region {
    std::uint64_t offset, length;
  };
  Region unpack(ArchiveReader& member) {
    const std::uint64_t offset = spool_.size();
    std::vector<char> buffer(1 << 16);
    while (const std::size_t got = member.read(buffer)) spool_.append({buffer.data(), got});
    return {offset, spool_.size() - offset};
  }
  Region unpack(const fs::path& compressed) {
    ArchiveReader content(compressed, ArchiveReader::Kind::OneCompressedFile);
    if (!content.next()) return {spool_.size(), 0};
    return unpack(content);
  }

  std::size_t target_column(const std::string& name) {
    auto& names = index_.target_names;
    const auto column = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    if (column == names.size()) names.push_back(name);
    return column;
  }
  static void set_target(SourceEntry& entry, std::size_t column, double value) {
    if (entry.targets.size() <= column) entry.targets.resize(column + 1, kMissing);
    entry.targets[column] = std::isfinite(value) ? value : kMissing;
  }

  SourceIndex index_;
  Spool spool_;
};

}  // namespace

SourceIndex index_sources(std::span<const fs::path> inputs, const fs::path& spool) {
  Indexer indexer(spool);
  for (const fs::path& input : inputs) indexer.add_input(input);
  return indexer.finish();
}

}  // namespace tessera::crystal
