// SPDX-License-Identifier: Apache-2.0
// A whole dataset folder of made crystals.
#pragma once

#include <string>
#include <vector>

#include "data/made_records.hpp"
#include "data/shard_commit.hpp"

namespace tessera::data {

inline const std::string kMadeSettings = R"({"mesh": "deepcrystet", "cell": "refined"})";

inline ShardKey made_key(int shard) {
  return {shard, kMadeSettings, "inputs of shard " + std::to_string(shard)};
}

inline ShardCommit commit_made_shard(const std::filesystem::path& folder, int shard, int records_each) {
  std::vector<QuarantineRow> quarantined{
      {"bad-" + std::to_string(shard), "bad.cif", 3, "no atoms, \"none\""}};
  const auto records = made_records(records_each, shard * records_each);
  return commit_shard(folder, made_key(shard), encoded(records, made_schema(), shard), quarantined);
}

/// As a preparation does it: only missing or damaged shards are made. Their numbers are given back.
inline std::vector<int> make_dataset(const std::filesystem::path& folder, int num_shards, int records_each) {
  begin_dataset(folder, kMadeSettings, false);
  std::vector<ShardCommit> commits;
  std::vector<int> made;
  for (int shard = 0; shard < num_shards; ++shard) {
    auto commit = find_commit(folder, made_key(shard));
    if (!commit) {
      made.push_back(shard);
      commit = commit_made_shard(folder, shard, records_each);
    }
    commits.push_back(*commit);
  }
  const std::vector<QuarantineRow> unplaced{{"mp-0", "targets.csv", 12, "target missing"}};
  finish_dataset(folder, kMadeSettings, made_schema(), commits, unplaced);
  return made;
}

}  // namespace tessera::data
