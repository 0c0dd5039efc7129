// SPDX-License-Identifier: Apache-2.0
// What a repair must give back: a dataset as it was written. Its manifest tells; where that is damaged, the
// commit records beside the shards do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "data/shard_commit.hpp"

namespace tessera::data_prep {

class OriginalDataset {
 public:
  /// Local; reads what stands in the folder now.
  explicit OriginalDataset(const std::filesystem::path& folder);

  /// These raise InputError where a repair would give something else than what was written: the sources
  /// changed since. To be called before anything is replaced.
  void check_num_shards(std::int64_t num_shards) const;
  void check_shard(std::int64_t shard, const data::ShardCommit& made) const;
  void check_tables(const data::Manifest& made) const;

 private:
  std::filesystem::path folder_;
  std::optional<data::Manifest> manifest_;               // absent: damaged
  std::vector<std::optional<data::ShardEntry>> shards_;  // absent: nothing whole tells of it
};

}  // namespace tessera::data_prep
