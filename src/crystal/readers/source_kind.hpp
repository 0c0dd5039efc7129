// SPDX-License-Identifier: Apache-2.0
// What a file is, told by its name, and the id its name gives the crystal in it.
#pragma once

#include <filesystem>
#include <string>

namespace tessera::crystal {

enum class SourceKind { Cif, Poscar, Json, Archive, Unknown };

/// The table of Xie and Grossman's CGCNN folders: without a header, a crystal's id and targets in each row.
inline constexpr const char* kCgcnnTable = "id_prop.csv";

struct SourceName {
  SourceKind kind = SourceKind::Unknown;
  bool compressed = false;  // one file behind .gz, .xz, .bz2 or .zst; archives see to that themselves
  std::string id;
};

/// "mp-1.cif.gz" → Cif, compressed, "mp-1". "POSCAR_mp-1" is "mp-1", "mp-1/POSCAR" takes its folder's name.
SourceName name_of_source(const std::filesystem::path& path);

}  // namespace tessera::crystal
