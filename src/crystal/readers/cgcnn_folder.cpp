// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/cgcnn_folder.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "core/csv.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "crystal/readers/source_files.hpp"
#include "crystal/readers/source_kind.hpp"
#include "crystal/readers/targets.hpp"

namespace tessera::crystal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kElementFeatures = "atom_init.json";  // no crystal

struct CifFiles {
  std::map<std::string, std::string> by_id;  // "a.cif" goes before "a.CIF" and "a.cif.gz"
  std::set<std::string> all;
};

// Other files that may hold crystals are left aside: the layout has no place for them.
CifFiles find_cif_files(SourceCollector& collector, const fs::path& folder) {
  CifFiles files;
  for (const std::string& file : sorted_file_names(folder)) {
    const SourceName name = name_of_source(file);
    if (name.kind == SourceKind::Cif) {
      files.all.insert(file);
      if (file == name.id + ".cif" || !files.by_id.contains(name.id)) files.by_id[name.id] = file;
    } else if (name.kind != SourceKind::Unknown && file != kElementFeatures) {
      collector.skip_file((folder / file).string());
    }
  }
  return files;
}

void read_targets_of(SourceCollector& collector, SourceEntry& entry, const core::CsvRow& row,
                     const std::string& table) {
  entry.own_targets = {table, row.line, ""};
  for (std::size_t i = 1; i < row.fields.size(); ++i) {
    const auto number = core::parse_number(row.fields[i]);
    const std::size_t column = collector.target_column(i == 1 ? "target" : fmt::format("target_{}", i));
    SourceCollector::set_target(entry, column, number.value_or(std::numeric_limits<double>::quiet_NaN()));
    if (!number && !is_missing_cell(row.fields[i]) && entry.own_targets->fault.empty())
      entry.own_targets->fault =
          fmt::format("the target must be a number, got '{}'. Mend it or remove the row.", row.fields[i]);
  }
}

}  // namespace

void add_cgcnn_folder(SourceCollector& collector, const fs::path& folder) {
  const std::string table = (folder / kCgcnnTable).string();
  const auto rows = core::parse_csv(core::read_file(table), table);
  const CifFiles files = find_cif_files(collector, folder);
  std::set<std::string> unlisted = files.all;
  const bool has_targets =
      std::any_of(rows.begin(), rows.end(), [](const core::CsvRow& row) { return row.fields.size() > 1; });
  for (const core::CsvRow& row : rows) {  // one entry each
    const std::string id(core::trim(row.fields[0]));
    const auto file = files.by_id.find(id);
    if (file == files.by_id.end()) {
      collector.add_broken(
          id, table,
          fmt::format("the row's crystal must be there as {}.cif, and is not. Add it or remove the row.", id),
          row.line);
    } else {
      const fs::path path = folder / file->second;
      collector.add_or_list(id, path.string(),
                            [&] { add_crystal_file(collector, path, name_of_source(path)); });
      unlisted.erase(file->second);
    }
    if (has_targets) read_targets_of(collector, collector.last_entry(), row, table);
  }
  for (const std::string& file : unlisted)
    collector.add_broken(
        name_of_source(file).id, (folder / file).string(),
        fmt::format("the crystal must have a row in {}, and has none. Add it or remove the file.",
                    kCgcnnTable));
}

}  // namespace tessera::crystal
