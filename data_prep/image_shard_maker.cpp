// SPDX-License-Identifier: Apache-2.0
#include "data_prep/image_shard_maker.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "core/error.hpp"
#include "core/hash.hpp"

namespace tessera::data_prep {

ImageShardMaker::ImageShardMaker(const ImageSources& sources, std::string settings,
                                 std::int64_t shard_records, bool strict)
    : ShardMaker(sources.entries.size(), shard_records),
      sources_(sources),
      settings_(std::move(settings)),
      strict_(strict) {
  schema_.kind = data::kImages;
  for (const auto& name : sources.target_names) schema_.targets.push_back({name, ""});
  data::check_target_names(schema_.targets);
  const auto& masks = sources.reading.masks;
  if (!sources.entries.empty() && !sources.entries.front().mask.empty())
    schema_.mask_classes = masks.rule == microstructure::MaskRule::Values
                               ? std::max<std::int64_t>(2, std::ssize(masks.levels))
                               : 2;
}

data::ShardKey ImageShardMaker::key_of(std::int64_t shard) {
  core::Sha256 hash;
  std::map<std::string, std::string> files;  // tiles share theirs
  const auto file = [&](const std::string& path) -> const std::string& {
    auto& known = files[path];
    if (known.empty() && !path.empty()) try {
        known = core::sha256_of_file(path);
      } catch (const core::Error& error) {
        known = error.what();
      }
    return known;
  };
  for (const auto& name : sources_.target_names) hash.update(name + "\n");
  for (const auto level : sources_.reading.masks.levels) hash.update(fmt::format("level {}\n", level));
  for (const auto& entry : slice(sources_.entries, shard))
    hash.update(fmt::format("{}\n{}\n{}\n", entries_to_text({entry}), file(entry.image), file(entry.mask)));
  return {.shard = shard, .settings = settings_, .inputs = hash.hex()};
}

void ImageShardMaker::make(const std::filesystem::path& folder, const data::ShardKey& key,
                           const std::function<void(std::int64_t)>& done,
                           const std::function<void(const data::ShardCommit&)>& accept) {
  ImageEntryReader reader(sources_.reading);
  std::vector<data::ImageRecord> records;
  std::vector<data::QuarantineRow> quarantined;
  for (const auto& entry : slice(sources_.entries, key.shard)) {
    try {
      records.push_back(reader.read(entry));
    } catch (const core::DataError& error) {
      quarantined.push_back({entry.id, entry.source, 0, error.what()});
      if (strict_) refuse_strictly(quarantined.back());
    }
    done(static_cast<std::int64_t>(records.size() + quarantined.size()));
  }
  data::commit_shard(folder, key, data::encoded(records, schema_, key.shard), std::move(quarantined), accept);
}

}  // namespace tessera::data_prep
