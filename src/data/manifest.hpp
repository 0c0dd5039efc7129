// SPDX-License-Identifier: Apache-2.0
// manifest.json: what a dataset folder holds, with the checksum of every file in it. It is written last: a
// folder without one is no dataset yet. It holds no times, hosts or rank counts, so that the same inputs give
// the same bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset_schema.hpp"

namespace tessera::data {

inline constexpr int kManifestSchemaVersion = 1;

struct ShardEntry {
  std::string file;  // "shard-00000.h5"
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  std::string sha256;
  std::string first_id;  // "" where the shard is empty
  std::string last_id;
};

struct Manifest {
  DatasetSchema schema;
  std::string settings = "{}";  // JSON: how it was prepared
  std::string tool;             // version that prepared it
  std::int64_t num_records = 0;
  std::int64_t num_quarantined = 0;
  std::vector<ShardEntry> shards;
  std::string records_sha256;     // of records.csv
  std::string quarantine_sha256;  // of quarantine.csv
};

std::string shard_file_name(std::int64_t shard);

/// The settings in one spelling: keys sorted, no blanks. Raises InternalError where they are no JSON object.
std::string canonical_settings(const std::string& settings);

/// Atomically. Raises DataError where it cannot be written.
void write_manifest(const std::filesystem::path& folder, const Manifest& manifest);

/// Raises InputError where folder or manifest is missing, DataError where the manifest is damaged, of another
/// kind or schema version.
Manifest read_manifest(const std::filesystem::path& folder);

}  // namespace tessera::data
