// SPDX-License-Identifier: Apache-2.0
// Shards of crystals.
#pragma once

#include "crystal/readers/source.hpp"
#include "data_prep/crystal_sources.hpp"
#include "data_prep/preparation_settings.hpp"
#include "data_prep/shard_maker.hpp"

namespace tessera::data_prep {

class CrystalShardMaker final : public ShardMaker {
 public:
  /// Keeps references. `strict`: the first input that cannot be used is a DataError. Raises InputError for
  /// targets whose names cannot stand in a dataset.
  CrystalShardMaker(const crystal::SourceIndex& index, const PreparationSettings& settings, bool strict);

  const data::DatasetSchema& schema() const override { return schema_; }
  data::ShardKey key_of(std::int64_t shard) override;
  void make(const std::filesystem::path& folder, const data::ShardKey& key,
            const std::function<void(std::int64_t)>& done,
            const std::function<void(const data::ShardCommit&)>& accept) override;

 private:
  data::CrystalRecord record_of(const crystal::SourceEntry& entry);

  const crystal::SourceIndex& index_;
  const PreparationSettings& settings_;
  bool strict_;
  crystal::SourceReader reader_;
  data::DatasetSchema schema_;
};

}  // namespace tessera::data_prep
