// SPDX-License-Identifier: Apache-2.0
// One shard of a crystal dataset, made from its slice of the inputs: read, checked, features taken, written.
// Inputs that cannot be used are quarantined with their reason and do not stop the others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "crystal/readers/source.hpp"
#include "data/shard_commit.hpp"
#include "data_prep/crystal_sources.hpp"
#include "data_prep/preparation_settings.hpp"

namespace tessera::data_prep {

/// Raises the DataError that ends a strict preparation: where the input stands, and why it cannot be used.
[[noreturn]] void refuse_strictly(const data::QuarantineRow& row);

class ShardMaker {
 public:
  /// Keeps references. `strict`: the first input that cannot be used is a DataError. Raises InputError for
  /// targets whose names cannot stand in a dataset.
  ShardMaker(const crystal::SourceIndex& index, const PreparationSettings& settings, bool strict);

  const data::CrystalSchema& schema() const { return schema_; }
  std::int64_t num_shards() const;
  std::span<const crystal::SourceEntry> inputs_of(std::int64_t shard) const;

  /// Covers the inputs' texts too: where a source changed since, its shards are stale.
  data::ShardKey key_of(std::int64_t shard);

  /// Writes the shard. `done` is told after each input how many of the shard's are done; `accept` sees what
  /// was made before it is written (see commit_shard).
  void make(const std::filesystem::path& folder, const data::ShardKey& key,
            const std::function<void(std::int64_t)>& done,
            const std::function<void(const data::ShardCommit&)>& accept = {});

 private:
  data::CrystalRecord record_of(const crystal::SourceEntry& entry);

  const crystal::SourceIndex& index_;
  const PreparationSettings& settings_;
  bool strict_;
  crystal::SourceReader reader_;
  data::CrystalSchema schema_;
};

}  // namespace tessera::data_prep
