// SPDX-License-Identifier: Apache-2.0
// One shard of a dataset, made from its slice of the inputs: read, checked, features taken, written. Inputs
// that cannot be used are quarantined with their reason and do not stop the others.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "data/shard_commit.hpp"

namespace tessera::data_prep {

/// Raises the DataError that ends a strict preparation: where the input stands, and why it cannot be used.
[[noreturn]] void refuse_strictly(const data::QuarantineRow& row);

class ShardMaker {
 public:
  ShardMaker(std::size_t inputs, std::int64_t shard_records)
      : inputs_(static_cast<std::int64_t>(inputs)), shard_records_(shard_records) {}
  virtual ~ShardMaker() = default;
  virtual const data::DatasetSchema& schema() const = 0;
  std::int64_t num_shards() const { return (inputs_ + shard_records_ - 1) / shard_records_; }
  std::int64_t num_inputs(std::int64_t shard) const {
    return std::min(shard_records_, inputs_ - shard * shard_records_);
  }

  /// Covers the inputs' bytes too: where a source changed since, its shards are stale.
  virtual data::ShardKey key_of(std::int64_t shard) = 0;

  /// Writes the shard. `done` is told after each input how many of the shard's are done; `accept` sees what
  /// was made before it is written (see commit_shard).
  virtual void make(const std::filesystem::path& folder, const data::ShardKey& key,
                    const std::function<void(std::int64_t)>& done,
                    const std::function<void(const data::ShardCommit&)>& accept) = 0;

 protected:
  /// A shard's slice of all inputs.
  template <typename Entry>
  std::span<const Entry> slice(const std::vector<Entry>& entries, std::int64_t shard) const {
    return std::span(entries).subspan(static_cast<std::size_t>(shard * shard_records_),
                                      static_cast<std::size_t>(num_inputs(shard)));
  }

 private:
  std::int64_t inputs_, shard_records_;
};

}  // namespace tessera::data_prep
