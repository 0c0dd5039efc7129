// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "core/error.hpp"
#include "crystal/readers/cgcnn_folder.hpp"
#include "crystal/readers/read_error.hpp"
#include "crystal/readers/source.hpp"
#include "crystal/readers/source_collector.hpp"
#include "crystal/readers/source_files.hpp"
#include "crystal/readers/source_kind.hpp"

namespace tessera::crystal {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKnownKinds =
    "Crystals come as *.cif, POSCAR*, *.vasp, *.json (each also .gz, .xz), a folder of them, or .tar, "
    ".tar.gz, .tar.xz, .zip of uncompressed ones";

// A path the user named: what is wrong with it as a whole is an error, not a record.
void add_named_file(SourceCollector& collector, const fs::path& path) {
  const SourceName name = name_of_source(path);
  try {
    switch (name.kind) {
      case SourceKind::Cif:
      case SourceKind::Poscar: add_crystal_file(collector, path, name); return;
      case SourceKind::Json: add_json_file(collector, path, name); return;
      case SourceKind::Archive: add_archive(collector, path); return;
      case SourceKind::Unknown:
        throw core::InputError(
            fmt::format("--input {} is of no known kind. {}.", path.string(), kKnownKinds));
    }
  } catch (const ReadError& error) {
    throw core::InputError(fmt::format("--input {}", error.what()));
  }
}

void add_input(SourceCollector& collector, const fs::path& path) {
  std::error_code code;
  const auto status = fs::status(path, code);
  if (!fs::exists(status))
    throw core::InputError(fmt::format("--input {} must exist, and does not", path.string()));
  const std::size_t before = collector.num_entries();
  if (!fs::is_directory(status))
    add_named_file(collector, path);
  else if (fs::exists(path / kCgcnnTable, code))
    add_cgcnn_folder(collector, path);
  else
    add_folder(collector, path);
  if (collector.num_entries() == before)
    throw core::InputError(
        fmt::format("--input {} must hold crystals, and holds none. {}.", path.string(), kKnownKinds));
}

}  // namespace

SourceIndex index_sources(std::span<const fs::path> inputs, const fs::path& spool) {
  SourceCollector collector(spool);
  for (const fs::path& input : inputs) add_input(collector, input);
  return collector.finish();
}

}  // namespace tessera::crystal
