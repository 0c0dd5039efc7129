// SPDX-License-Identifier: Apache-2.0
#include "data_prep/crystal_shard_maker.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/hash.hpp"
#include "crystal/features.hpp"
#include "crystal/readers/read_error.hpp"
#include "crystal/space_group.hpp"

namespace tessera::data_prep {

CrystalShardMaker::CrystalShardMaker(const crystal::SourceIndex& index, const PreparationSettings& settings,
                                     bool strict)
    : ShardMaker(index.entries.size(), settings.shard_records),
      index_(index),
      settings_(settings),
      strict_(strict),
      reader_(index) {
  schema_ = {
      .targets = target_columns(index), .graph = settings.features.graph, .mesh = settings.features.mesh};
  data::check_target_names(schema_.targets);
}

data::ShardKey CrystalShardMaker::key_of(std::int64_t shard) {
  core::Sha256 hash;
  for (const auto& target : schema_.targets) hash.update(target.name + "\n");
  for (const auto& entry : slice(index_.entries, shard)) {
    hash.update(fmt::format("{}\n{}\n", entry.id, entry.source));
    hash.update(std::as_bytes(std::span(entry.targets)));
    try {
      const auto text = reader_.text(entry);
      hash.update(fmt::format("{}\n", text.size()));
      hash.update(text);
    } catch (const crystal::ReadError& error) {
      hash.update(error.what());
    }
  }
  return {.shard = shard, .settings = settings_to_json(settings_), .inputs = hash.hex()};
}

void CrystalShardMaker::make(const std::filesystem::path& folder, const data::ShardKey& key,
                             const std::function<void(std::int64_t)>& done,
                             const std::function<void(const data::ShardCommit&)>& accept) {
  std::vector<data::CrystalRecord> records;
  std::vector<data::QuarantineRow> quarantined;
  const auto refuse = [&](const crystal::SourceEntry& entry, int line, const std::string& reason) {
    quarantined.push_back({entry.id, entry.source, line, reason});
    if (strict_) refuse_strictly(quarantined.back());
  };
  for (const auto& entry : slice(index_.entries, key.shard)) {
    try {
      records.push_back(record_of(entry));
    } catch (const crystal::ReadError& error) {
      refuse(entry, error.line(), error.reason());
    } catch (const core::DataError& error) {
      refuse(entry, 0, error.what());
    }
    done(static_cast<std::int64_t>(records.size() + quarantined.size()));
  }
  data::commit_shard(folder, key, data::encoded(records, schema_, key.shard), std::move(quarantined), accept);
}

data::CrystalRecord CrystalShardMaker::record_of(const crystal::SourceEntry& entry) {
  data::CrystalRecord record;
  record.id = entry.id;
  record.source = entry.source;
  record.structure = reader_.structure(entry);
  auto features = crystal::make_features(record.structure, settings_.features, entry.id);
  record.graph = std::move(features.graph);
  record.mesh = std::move(features.mesh);
  record.targets = entry.targets;
  record.targets.push_back(features.space_group);
  record.targets.push_back(crystal::crystal_system(features.space_group) + 1);
  return record;
}

}  // namespace tessera::data_prep
