// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/source_kind.hpp"

#include "core/text.hpp"

namespace tessera::crystal {
namespace {

bool strip_suffix(std::string& name, std::string_view suffix) {
  if (name.size() <= suffix.size() || !core::lower_case(name).ends_with(suffix)) return false;
  name.erase(name.size() - suffix.size());
  return true;
}

}  // namespace

SourceName name_of_source(const std::filesystem::path& path) {
  SourceName named;
  std::string name = path.filename().string();
  if (name.starts_with('.')) return named;  // hidden, and the "._" companions that macOS packs
  for (const auto suffix : {".zip", ".tgz", ".txz", ".tbz2", ".tar"})
    if (strip_suffix(name, suffix)) return {SourceKind::Archive, false, name};
  for (const auto suffix : {".gz", ".xz", ".bz2", ".zst"})
    named.compressed = named.compressed || strip_suffix(name, suffix);
  if (strip_suffix(name, ".tar")) return {SourceKind::Archive, false, name};

  named.id = name;
  if (strip_suffix(named.id, ".cif")) {
    named.kind = SourceKind::Cif;
  } else if (strip_suffix(named.id, ".json")) {
    named.kind = SourceKind::Json;
  } else if (strip_suffix(named.id, ".vasp") || strip_suffix(named.id, ".poscar")) {
    named.kind = SourceKind::Poscar;
  } else if (name.starts_with("POSCAR") || name.starts_with("CONTCAR")) {
    named.kind = SourceKind::Poscar;
    named.id.erase(0, name.find("CAR") + 3);
    if (!named.id.empty() && std::string_view("._-").find(named.id.front()) != std::string_view::npos)
      named.id.erase(0, 1);
    if (named.id.empty()) named.id = path.parent_path().filename().string();
    if (named.id.empty()) named.id = name;
  }
  return named;
}

}  // namespace tessera::crystal
