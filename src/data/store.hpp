// SPDX-License-Identifier: Apache-2.0
// A prepared dataset, open for reading. Sizes and targets of all records are known at once; a shard is read,
// its checksum checked, when one of its records is first asked for, and kept while memory allows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/manifest.hpp"
#include "data/record_table.hpp"
#include "data/shard.hpp"

namespace tessera::data {

/// Sizes and targets of all records, whatever their kind.
class DatasetIndex {
 public:
  /// Local: each rank opens for itself. Raises InputError where there is no dataset or it is not of `kind`,
  /// DataError where manifest or records.csv is damaged.
  DatasetIndex(const std::filesystem::path& folder, const std::string& kind);

  std::int64_t size() const { return static_cast<std::int64_t>(rows_.size()); }
  const std::filesystem::path& folder() const { return folder_; }
  const Manifest& manifest() const { return manifest_; }
  const DatasetSchema& schema() const { return manifest_.schema; }
  /// All records, in order of their number.
  const std::vector<RecordRow>& rows() const { return rows_; }
  const std::string& id(std::int64_t record) const { return rows_[static_cast<std::size_t>(record)].id; }
  std::vector<std::string> ids() const;

 protected:
  std::filesystem::path folder_;
  Manifest manifest_;
  std::vector<RecordRow> rows_;
  std::vector<std::int64_t> first_record_;  // of each shard
};

template <typename Record>
class Store : public DatasetIndex {
 public:
  /// Decoded shards take up to `memory_budget` bytes; the one in use always stays.
  explicit Store(const std::filesystem::path& folder, std::size_t memory_budget = std::size_t{2} << 30);

  /// Stays valid whatever is read later. May be called from several threads. Raises DataError where the shard
  /// is missing or damaged, naming it and what to do.
  std::shared_ptr<const Record> record(std::int64_t record) const;

  /// Times a shard was read from the disk so far.
  std::int64_t num_loads() const;

 private:
  struct Loaded {
    std::shared_ptr<const Shard<Record>> shard;
    std::size_t memory = 0;
    std::list<std::int64_t>::iterator use;
  };
  std::shared_ptr<const Shard<Record>> load(std::int64_t shard) const;

  std::size_t memory_budget_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::int64_t, Loaded> loaded_;
  mutable std::list<std::int64_t> uses_;  // shards, the last used first
  mutable std::size_t memory_ = 0;
  mutable std::int64_t num_loads_ = 0;
};

using CrystalStore = Store<CrystalRecord>;
using ImageStore = Store<ImageRecord>;

}  // namespace tessera::data
