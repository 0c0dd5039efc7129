// SPDX-License-Identifier: Apache-2.0
// A shard: some hundred crystals in one HDF5 file, ragged by offsets (record i's rows are
// [offsets[i], offsets[i + 1])). Written whole, read whole; reading trusts nothing it finds.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/crystal_record.hpp"
#include "data/crystal_schema.hpp"

namespace tessera::data {

inline constexpr std::int64_t kShardSchemaVersion = 1;

struct CrystalShard {
  CrystalSchema schema;
  std::vector<CrystalRecord> records;
};

/// The file's bytes; the same records give the same bytes. Each record must have what `schema` says.
/// Groups: / {id, source, lattice}, /atoms, /graph, /mesh, /targets; every array has `columns` and `unit`
/// attributes; a periodic mesh's cells and their faces are in /mesh too. Readers skip arrays they do not
/// know.
std::string encode_shard(std::span<const CrystalRecord> records, const CrystalSchema& schema);

/// Raises DataError naming `name`, the array and what is wrong, for whatever bytes.
CrystalShard decode_shard(const std::string& bytes, const std::string& name);

/// Raises InputError where the file cannot be read, else as decode_shard.
CrystalShard read_shard(const std::filesystem::path& path);

/// Bytes a record takes in memory, for a cache's budget.
std::size_t memory_of(const CrystalRecord& record);

}  // namespace tessera::data
