// SPDX-License-Identifier: Apache-2.0
// A shard of crystals.
#pragma once

#include <span>
#include <string>

#include "data/shard.hpp"

namespace tessera::data {

/// The file's bytes; the same records give the same bytes. Each record must have what `schema` says.
/// Groups: / {id, source, lattice}, /atoms, /graph, /mesh, /targets; every array has `columns` and `unit`
/// attributes; a periodic mesh's cells and their faces are in /mesh too. Readers skip arrays they do not
/// know.
std::string encode_shard(std::span<const CrystalRecord> records, const DatasetSchema& schema);

/// Raises DataError naming `name`, the array and what is wrong, for whatever bytes.
CrystalShard decode_crystal_shard(const std::string& bytes, const std::string& name);

/// Bytes a record takes in memory, for a cache's budget.
std::size_t memory_of(const CrystalRecord& record);

}  // namespace tessera::data
