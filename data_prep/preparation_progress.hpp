// SPDX-License-Identifier: Apache-2.0
// How far all ranks have come, as the root can see it without asking them: its own inputs one by one, the
// others' by the shards that have appeared.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "report/progress.hpp"

namespace tessera::data_prep {

class PreparationProgress {
 public:
  /// `inputs` of each shard, `what` they are. With `shown` false nothing is looked at nor drawn.
  PreparationProgress(std::vector<std::int64_t> inputs, const std::filesystem::path& folder,
                      const std::string& what, bool shown);

  /// This rank has done that many of a shard's inputs.
  void update(std::int64_t shard, std::int64_t done_in_shard);
  /// The last line; where it is not whole, of what has appeared.
  void finish(bool is_whole);

 private:
  void look_for_shards();

  std::vector<std::int64_t> inputs_;
  std::vector<bool> counted_;  // shards seen whole
  std::filesystem::path folder_;
  bool shown_;
  std::int64_t total_;
  std::int64_t in_whole_shards_ = 0;
  core::Stopwatch since_look_;
  report::Progress progress_;
};

}  // namespace tessera::data_prep
