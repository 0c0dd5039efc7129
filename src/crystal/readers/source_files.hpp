// SPDX-License-Identifier: Apache-2.0
// What a path adds to an index of crystals, by its kind. What is wrong with a file as a whole is a ReadError
// or InputError; a folder and an archive list what is wrong with one of theirs as an entry with a reason.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "crystal/readers/source_collector.hpp"
#include "crystal/readers/source_kind.hpp"

namespace tessera::crystal {

/// CIF or POSCAR, plain or compressed.
void add_crystal_file(SourceCollector& collector, const std::filesystem::path& path, const SourceName& name);
/// JSON of one record or many, plain or compressed.
void add_json_file(SourceCollector& collector, const std::filesystem::path& path, const SourceName& name);
void add_archive(SourceCollector& collector, const std::filesystem::path& path);
/// All of a folder but its archives, in order of name.
void add_folder(SourceCollector& collector, const std::filesystem::path& folder);

/// A folder's files, links to nowhere among them. Raises InputError where it cannot be listed.
std::vector<std::string> sorted_file_names(const std::filesystem::path& folder);

}  // namespace tessera::crystal
