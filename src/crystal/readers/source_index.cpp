// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "crystal/readers/archive_reader.hpp"
#include "crystal/readers/read_error.hpp"
#include "crystal/readers/source.hpp"
#include "crystal/readers/source_kind.hpp"
#include "crystal/readers/spool.hpp"
#include "crystal/readers/targets.hpp"
#include "crystal/readers/utf8.hpp"

namespace tessera::crystal {
namespace {

namespace fs = std::filesystem;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr const char* kCgcnnTable = "id_prop.csv";
constexpr const char* kCgcnnFeatures = "atom_init.json";  // of its elements: no crystal
constexpr const char* kKnownKinds =
    "Crystals come as *.cif, POSCAR*, *.vasp, *.json (each also .gz, .xz), a folder of them, or .tar, "
    ".tar.gz, "
    ".tar.xz, .zip of uncompressed ones";

bool is_crystal(SourceKind kind) {
  return kind == SourceKind::Cif || kind == SourceKind::Poscar;
}

std::vector<std::string> sorted_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
    std::error_code dangling;  // a link to nowhere is listed: reading it says what is wrong
    if (!entry->is_directory(dangling)) names.push_back(entry->path().filename().string());
  }
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
    warn_of_skipped();
    make_valid();
    auto& entries = index_.entries;
    std::stable_sort(entries.begin(), entries.end(),
                     [](const SourceEntry& a, const SourceEntry& b) { return a.id < b.id; });
    const SourceEntry* first = nullptr;
    for (SourceEntry& entry : entries) {
      entry.targets.resize(index_.target_names.size(), kMissing);
      if (!entry.reason.empty()) continue;
      if (first && first->id == entry.id)
        entry.reason =
            fmt::format("duplicate id '{}': the first is {}. Rename or remove one.", entry.id, first->source);
      else
        first = &entry;
    }
    return std::move(index_);
  }

 private:
  // Names and quotations come in any encoding; from here on they are UTF-8, as all that is written of them.
  void make_valid() {
    for (auto* names : {&index_.target_names, &index_.skipped_columns})
      for (std::string& name : *names) name = valid_utf8(name);
    for (SourceEntry& entry : index_.entries) {
      for (auto* text : {&entry.id, &entry.source, &entry.reason}) *text = valid_utf8(*text);
      if (!entry.own_targets) continue;
      for (auto* text : {&entry.own_targets->source, &entry.own_targets->fault}) *text = valid_utf8(*text);
    }
  }

  void warn_of_skipped() const {
    constexpr std::size_t kNamed = 5;
    if (skipped_.empty()) return;
    const std::span<const std::string> named(skipped_.data(), std::min(kNamed, skipped_.size()));
    core::log::warning(
        "{} files among the inputs were not read: {}{}. Unpack archives that lie "
        "in others, and packed CGCNN folders; name archives in a folder as --input.",
        skipped_.size(), valid_utf8(core::join(named, ", ")), skipped_.size() > kNamed ? ", …" : "");
  }

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

  void add_broken(const std::string& id, const std::string& source, const std::string& reason, int line = 0) {
    SourceEntry& entry = add(id, source, SourceKind::Cif);
    entry.reason = reason;
    entry.line = line;
  }

  // One of many: what is wrong with it is listed, and the others stand.
  template <typename Work>
  void add_or_list(const std::string& id, const std::string& source, Work&& work) {
    try {
      work();
    } catch (const ReadError& error) {
      add_broken(id, source, error.reason(), error.line());
    } catch (const core::InputError& error) {  // cut off, unreadable, gone
      add_broken(id, source, error.what());
    }
  }

  // A path the user named: what is wrong with it as a whole is an error, not a record.
  void add_file(const fs::path& path, const SourceName& name) {
    try {
      switch (name.kind) {
        case SourceKind::Cif:
        case SourceKind::Poscar: add_crystal_file(path, name); return;
        case SourceKind::Json: add_json_file(path, name); return;
        case SourceKind::Archive: add_archive(path); return;
        case SourceKind::Unknown:
          throw core::InputError(
              fmt::format("--input {} is of no known kind. {}.", path.string(), kKnownKinds));
      }
    } catch (const ReadError& error) {
      throw core::InputError(fmt::format("--input {}", error.what()));
    }
  }

  // The spool may not even be there for what is empty: it is said here.
  static void require_content(std::uint64_t length, const std::string& source) {
    if (length == 0) throw ReadError(source, 0, "it must hold crystals, and is empty. Fetch the file again.");
  }

  void add_crystal_file(const fs::path& path, const SourceName& name) {
    if (name.compressed) {
      const auto [offset, length] = unpack(path);
      require_content(length, path.string());
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
      if (name.kind == SourceKind::Archive) skipped_.push_back(path.string());
      add_or_list(name.id, path.string(), [&] {
        if (is_crystal(name.kind)) add_crystal_file(path, name);
        if (name.kind == SourceKind::Json) add_json_file(path, name);
      });
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
    std::map<std::string, std::string> files;  // by id; "a.cif" goes before "a.CIF" and "a.cif.gz"
    std::set<std::string> unlisted;
    for (const std::string& file : sorted_names(folder)) {
      const SourceName name = name_of_source(file);
      if (name.kind == SourceKind::Cif) {
        unlisted.insert(file);
        if (file == name.id + ".cif" || !files.contains(name.id)) files[name.id] = file;
      } else if (name.kind != SourceKind::Unknown && file != kCgcnnFeatures) {
        skipped_.push_back((folder / file).string());
      }
    }
    const bool has_targets =
        std::any_of(rows.begin(), rows.end(), [](const core::CsvRow& row) { return row.fields.size() > 1; });
    for (const core::CsvRow& row : rows) {
      const std::string id(core::trim(row.fields[0]));
      const auto file = files.find(id);
      const std::size_t before = index_.entries.size();
      if (file == files.end()) {
        add_broken(
            id, table.string(),
            fmt::format("the row's crystal must be there as {}.cif, and is not. Add it or remove the row.",
                        id),
            row.line);
      } else {
        const fs::path path = folder / file->second;
        add_or_list(id, path.string(), [&] { add_crystal_file(path, name_of_source(path)); });
        unlisted.erase(file->second);
      }
      for (std::size_t i = before; has_targets && i < index_.entries.size(); ++i)
        read_cgcnn_targets(index_.entries[i], row, table.string());
    }
    for (const std::string& file : unlisted)
      add_broken(name_of_source(file).id, (folder / file).string(),
                 fmt::format("the crystal must have a row in {}, and has none. Add it or remove the file.",
                             kCgcnnTable));
  }

  void read_cgcnn_targets(SourceEntry& entry, const core::CsvRow& row, const std::string& table) {
    entry.own_targets = {table, row.line, ""};
    for (std::size_t i = 1; i < row.fields.size(); ++i) {
      const auto number = core::parse_number(row.fields[i]);
      set_target(entry, target_column(i == 1 ? "target" : fmt::format("target_{}", i)),
                 number.value_or(kMissing));
      if (!number && !is_missing_cell(row.fields[i]) && entry.own_targets->fault.empty())
        entry.own_targets->fault =
            fmt::format("the target must be a number, got '{}'. Mend it or remove the row.", row.fields[i]);
    }
  }

  void add_archive(const fs::path& path) {
    ArchiveReader archive(path, ArchiveReader::Kind::Members);
    while (archive.next()) {
      const SourceName name = name_of_source(archive.name());
      const std::string source = fmt::format("{}:{}", path.filename().string(), archive.name());
      if (name.kind == SourceKind::Archive || fs::path(archive.name()).filename() == kCgcnnTable)
        skipped_.push_back(source);
      if (!is_crystal(name.kind) && name.kind != SourceKind::Json) continue;
      if (name.compressed) {
        add_broken(
            name.id, source,
            "a file in an archive must not be compressed itself. Unpack the archive, or pack it anew.");
        continue;
      }
      const auto [offset, length] = unpack(archive);
      add_or_list(name.id, source, [&] {
        require_content(length, source);
        if (is_crystal(name.kind))
          place(add(name.id, source, name.kind), spool_.path(), offset, length);
        else
          add_json(spool_.path(), offset, length, source, name.id);
      });
    }
  }

  // The records of JSON that lies in a plain file, or in a part of one.
  void add_json(const fs::path& file, std::uint64_t offset, std::uint64_t length, const std::string& source,
                const std::string& stem) {
    require_content(length, source);
    spool_.flush();
    const MappedFile mapped(file);
    const std::string_view text = mapped.text().substr(offset, length);
    require_content(text.size(), source);
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
      if (!columns.empty()) entry.own_targets = {entry.source, 0, ""};
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
    std::error_code unreadable;  // the archive's reader says why
    if (fs::file_size(compressed, unreadable) == 0) return {spool_.size(), 0};
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
  std::vector<std::string> skipped_;  // files that may hold crystals or targets, and are not read
};

}  // namespace

SourceIndex index_sources(std::span<const fs::path> inputs, const fs::path& spool) {
  Indexer indexer(spool);
  for (const fs::path& input : inputs) indexer.add_input(input);
  return indexer.finish();
}

}  // namespace tessera::crystal
