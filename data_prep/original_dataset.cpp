// SPDX-License-Identifier: Apache-2.0
#include "data_prep/original_dataset.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"

namespace tessera::data_prep {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& difference) {
  throw core::InputError(
      fmt::format("{} {}: the sources changed since the dataset was prepared, and a repair would mix old and "
                  "new. Nothing of it was replaced. Bring the old sources back, or prepare anew (--fresh, or "
                  "another --out).",
                  path.string(), difference));
}

// One past the last shard that left a commit record, whole or damaged.
std::int64_t end_of_commits(const fs::path& folder) {
  std::int64_t end = 0;
  if (!fs::is_directory(folder / ".commits")) return end;
  for (const auto& entry : fs::directory_iterator(folder / ".commits")) {
    const auto name = entry.path().stem().string();
    constexpr std::string_view kPrefix = "shard-";
    const auto number =
        name.starts_with(kPrefix) ? core::parse_integer(name.substr(kPrefix.size())) : std::nullopt;
    if (number) end = std::max(end, *number + 1);
  }
  return end;
}

}  // namespace

OriginalDataset::OriginalDataset(const fs::path& folder) : folder_(folder) {
  try {
    manifest_ = data::read_manifest(folder);
    shards_.assign(manifest_->shards.begin(), manifest_->shards.end());
  } catch (const core::Error&) {
    for (std::int64_t shard = 0; shard < end_of_commits(folder); ++shard) {
      const auto commit = data::read_commit(folder, shard);
      shards_.push_back(commit ? std::optional(commit->entry) : std::nullopt);
    }
  }
}

void OriginalDataset::check_num_shards(std::int64_t num_shards) const {
  // Commit records of a preparation that did not end are fewer than its shards.
  const auto there = std::ssize(shards_);
  if (num_shards < there || (manifest_ && num_shards > there))
    refuse(folder_, fmt::format("has {} shards, {} would be made", there, num_shards));
}

void OriginalDataset::check_shard(std::int64_t number, const data::ShardCommit& made) const {
  const auto shard = static_cast<std::size_t>(number);
  if (shard >= shards_.size() || !shards_[shard]) return;
  const auto& before = *shards_[shard];
  if (before.sha256 != made.entry.sha256)
    refuse(folder_ / before.file,
           fmt::format("held {} records with the SHA-256 {:.12}…, {} with {:.12}… would be made",
                       before.records, before.sha256, made.entry.records, made.entry.sha256));
}

void OriginalDataset::check_tables(const data::Manifest& made) const {
  if (!manifest_) return;
  if (manifest_->records_sha256 != made.records_sha256)
    refuse(folder_ / "records.csv", "would be made with other rows");
  if (manifest_->quarantine_sha256 != made.quarantine_sha256)
    refuse(folder_ / "quarantine.csv", fmt::format("had {} rows, and would be made with other ones ({})",
                                                   manifest_->num_quarantined, made.num_quarantined));
}

}  // namespace tessera::data_prep
