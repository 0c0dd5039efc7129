// SPDX-License-Identifier: Apache-2.0
#include "data_prep/preparation_progress.hpp"

#include <numeric>

#include "data/manifest.hpp"

namespace tessera::data_prep {

constexpr double kLookEverySeconds = 0.5;

PreparationProgress::PreparationProgress(std::vector<std::int64_t> inputs,
                                         const std::filesystem::path& folder, const std::string& what,
                                         bool shown)
    : inputs_(std::move(inputs)),
      counted_(inputs_.size()),
      folder_(folder),
      shown_(shown),
      total_(std::accumulate(inputs_.begin(), inputs_.end(), std::int64_t{0})),
      progress_({.title = "prep", .unit = what, .total = total_, .shown = shown}) {}

void PreparationProgress::update(std::int64_t shard, std::int64_t done_in_shard) {
  if (!shown_) return;
  if (since_look_.seconds() > kLookEverySeconds) look_for_shards();
  progress_.update(in_whole_shards_ + (counted_[static_cast<std::size_t>(shard)] ? 0 : done_in_shard));
}

void PreparationProgress::finish(bool is_whole) {
  if (!shown_) return;
  if (!is_whole) look_for_shards();
  progress_.finish(is_whole ? total_ : in_whole_shards_);
}

void PreparationProgress::look_for_shards() {
  since_look_.restart();
  for (std::size_t shard = 0; shard < inputs_.size(); ++shard) {
    if (counted_[shard] ||
        !std::filesystem::exists(folder_ / data::shard_file_name(static_cast<std::int64_t>(shard))))
      continue;
    counted_[shard] = true;
    in_whole_shards_ += inputs_[shard];
  }
}

}  // namespace tessera::data_prep
