// SPDX-License-Identifier: Apache-2.0
// One shard of a dataset, made from its slice of the inputs: read, checked, features taken, written. Inputs
// that cannot be used are quarantined with their reason and do not stop the others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "data/shard_commit.hpp"

namespace tessera::data_prep {

/// Raises the DataError that ends a strict preparation: where the input stands, and why it cannot be used.
[[noreturn]] void refuse_strictly(const data::QuarantineRow& row);

class ShardMaker {
 public:
  virtual ~ShardMaker() = default;
  virtual const data::DatasetSchema& schema() const = 0;
  virtual std::int64_t num_shards() const = 0;
  virtual std::int64_t num_inputs(std::int64_t shard) const = 0;

  /// Covers the inputs' bytes too: where a source changed since, its shards are stale.
  virtual data::ShardKey key_of(std::int64_t shard) = 0;

  /// Writes the shard. `done` is told after each input how many of the shard's are done; `accept` sees what
  /// was made before it is written (see commit_shard).
  virtual void make(const std::filesystem::path& folder, const data::ShardKey& key,
                    const std::function<void(std::int64_t)>& done,
                    const std::function<void(const data::ShardCommit&)>& accept) = 0;
};

}  // namespace tessera::data_prep
