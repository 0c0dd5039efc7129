// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/source_files.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "crystal/readers/archive_reader.hpp"
#include "crystal/readers/read_error.hpp"

namespace tessera::crystal {
namespace {

namespace fs = std::filesystem;

bool is_crystal(SourceKind kind) {
  return kind == SourceKind::Cif || kind == SourceKind::Poscar;
}

TextPlace unpack(ArchiveReader& member, Spool& spool) {
  const std::uint64_t offset = spool.size();
  std::vector<char> buffer(1 << 16);
  while (const std::size_t got = member.read(buffer)) spool.append({buffer.data(), got});
  return {spool.path(), offset, spool.size() - offset};
}

TextPlace unpack(const fs::path& compressed, Spool& spool) {
  const TextPlace nothing{spool.path(), spool.size(), 0};
  std::error_code unreadable;  // the archive's reader says why
  if (fs::file_size(compressed, unreadable) == 0) return nothing;
  ArchiveReader content(compressed, ArchiveReader::Kind::OneCompressedFile);
  return content.next() ? unpack(content, spool) : nothing;
}

TextPlace text_of(const fs::path& path, const SourceName& name, Spool& spool) {
  return name.compressed ? unpack(path, spool) : TextPlace{path};
}

// The spool may not even be there for what is empty: it is said here.
void require_content(std::uint64_t length, const std::string& source) {
  if (length == 0) throw ReadError(source, 0, "it must hold crystals, and is empty. Fetch the file again.");
}

void add_crystal(SourceCollector& collector, const TextPlace& place, const std::string& source,
                 const SourceName& name) {
  require_content(place.length, source);
  SourceEntry& entry = collector.add(name.id, source);
  entry.format = name.kind == SourceKind::Poscar ? SourceFormat::Poscar : SourceFormat::Cif;
  collector.place(entry, place);
}

void add_json(SourceCollector& collector, const TextPlace& place, const std::string& source,
              const std::string& stem) {
  require_content(place.length, source);
  collector.spool().flush();
  const MappedFile mapped(place.file);
  const std::string_view text = mapped.text().substr(place.offset, place.length);
  require_content(text.size(), source);
  JsonRecords listed = list_json_records(text, source, stem);
  std::vector<std::size_t> columns;
  for (const std::string& name : listed.number_names) columns.push_back(collector.target_column(name));
  for (const std::string& name : listed.skipped) collector.skip_column(name);
  for (JsonRecord& record : listed.records) {
    SourceEntry& entry = collector.add(
        std::move(record.id), record.place.empty() ? source : fmt::format("{}:{}", source, record.place));
    entry.reason = std::move(record.reason);
    entry.format = record.format;
    if (entry.reason.empty()) {
      const auto offset = static_cast<std::uint64_t>(record.structure.data() - mapped.text().data());
      collector.place(entry, {place.file, offset, record.structure.size()});
    }
    for (std::size_t i = 0; i < columns.size(); ++i)
      SourceCollector::set_target(entry, columns[i], record.numbers[i]);
    if (!columns.empty()) entry.own_targets = {entry.source, 0, ""};
  }
}

}  // namespace

void add_crystal_file(SourceCollector& collector, const fs::path& path, const SourceName& name) {
  add_crystal(collector, text_of(path, name, collector.spool()), path.string(), name);
}

void add_json_file(SourceCollector& collector, const fs::path& path, const SourceName& name) {
  add_json(collector, text_of(path, name, collector.spool()), path.string(), name.id);
}

void add_archive(SourceCollector& collector, const fs::path& path) {
  ArchiveReader archive(path, ArchiveReader::Kind::Members);
  while (archive.next()) {
    const SourceName name = name_of_source(archive.name());
    const std::string source = fmt::format("{}:{}", path.filename().string(), archive.name());
    if (name.kind == SourceKind::Archive || fs::path(archive.name()).filename() == kCgcnnTable)
      collector.skip_file(source);
    if (!is_crystal(name.kind) && name.kind != SourceKind::Json) continue;
    if (name.compressed) {
      collector.add_broken(
          name.id, source,
          "a file in an archive must not be compressed itself. Unpack the archive, or pack it anew.");
      continue;
    }
    const TextPlace place = unpack(archive, collector.spool());  // what fails here ends the archive
    collector.add_or_list(name.id, source, [&] {
      if (is_crystal(name.kind))
        add_crystal(collector, place, source, name);
      else
        add_json(collector, place, source, name.id);
    });
  }
}

void add_folder(SourceCollector& collector, const fs::path& folder) {
  std::string archives;
  for (const std::string& file : sorted_file_names(folder)) {
    const fs::path path = folder / file;
    const SourceName name = name_of_source(path);
    if (name.kind == SourceKind::Archive) {
      archives += (archives.empty() ? "" : ", ") + path.string();
      collector.skip_file(path.string());
    }
    collector.add_or_list(name.id, path.string(), [&] {
      if (is_crystal(name.kind)) add_crystal_file(collector, path, name);
      if (name.kind == SourceKind::Json) add_json_file(collector, path, name);
    });
  }
  if (collector.num_entries() == 0 && !archives.empty())
    throw core::InputError(
        fmt::format("--input {} must hold crystals, and holds archives only. Give them instead: {}",
                    folder.string(), archives));
}

std::vector<std::string> sorted_file_names(const fs::path& folder) {
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

}  // namespace tessera::crystal
