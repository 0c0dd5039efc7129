// SPDX-License-Identifier: Apache-2.0
// Writing a dataset so that a killed preparation loses nothing: each finished shard leaves a commit record
// beside it (.commits/shard-00000.json); started again, only shards without a fitting one are made. The
// manifest is put together from the records at the end.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/crystal_record.hpp"
#include "data/manifest.hpp"
#include "data/quarantine.hpp"
#include "data/record_table.hpp"

namespace tessera::data {

/// What a shard is made from; a shard made from something else does not count as done.
struct ShardKey {
  std::int64_t shard = 0;
  std::string settings;  // JSON of the whole preparation
  std::string inputs;    // names this shard's inputs, e.g. their ids and sources, one a line
};

struct ShardCommit {
  ShardEntry entry;
  std::vector<RecordRow> rows;
  std::vector<QuarantineRow> quarantined;  // of this shard's inputs
};

/// Makes the folder ready, before any shard is written: one rank calls it. Removes what a killed writer left
/// under temporary names. If the folder holds another preparation, whole or begun: removed with
/// `overwrite`, else raises InputError naming the settings that differ.
void begin_dataset(const std::filesystem::path& folder, const std::string& settings, bool overwrite);

/// Nothing where the shard is missing, damaged, or made from something else.
std::optional<ShardCommit> find_commit(const std::filesystem::path& folder, const ShardKey& key);

/// The shard's commit record as it was written, whatever its inputs and its shard are now; nothing where it
/// is missing or damaged.
std::optional<ShardCommit> read_commit(const std::filesystem::path& folder, std::int64_t shard);

/// A shard's content, encoded, and a row for each of its records.
struct EncodedShard {
  std::string bytes;
  std::vector<RecordRow> rows;
};
EncodedShard encoded(std::span<const CrystalRecord> records, const DatasetSchema& schema, std::int64_t shard);
EncodedShard encoded(std::span<const ImageRecord> records, const DatasetSchema& schema, std::int64_t shard);

/// Writes the shard, then its commit record, each atomically. Raises DataError where they cannot be written.
/// `accept` sees the commit first; what it throws keeps everything as it was.
ShardCommit commit_shard(const std::filesystem::path& folder, const ShardKey& key, EncodedShard content,
                         std::vector<QuarantineRow> quarantined,
                         const std::function<void(const ShardCommit&)>& accept = {});

/// After all shards, in order: writes records.csv, quarantine.csv (`unplaced` are those of no shard) and,
/// last, the manifest; removes shards beyond these. One rank calls it. Raises DataError where an id comes
/// twice. `accept` sees the manifest before anything is written, as in commit_shard.
Manifest finish_dataset(const std::filesystem::path& folder, const std::string& settings,
                        const DatasetSchema& schema, std::span<const ShardCommit> commits,
                        std::span<const QuarantineRow> unplaced,
                        const std::function<void(const Manifest&)>& accept = {});

}  // namespace tessera::data
