// SPDX-License-Identifier: Apache-2.0
// Shards of micrographs.
#pragma once

#include "data_prep/image_sources.hpp"
#include "data_prep/shard_maker.hpp"

namespace tessera::data_prep {

class ImageShardMaker final : public ShardMaker {
 public:
  /// Keeps references. `settings`: JSON of the whole preparation. `strict`: the first input that cannot be
  /// used is a DataError. Raises InputError for labels whose names cannot stand in a dataset.
  ImageShardMaker(const ImageSources& sources, std::string settings, std::int64_t shard_records, bool strict);

  const data::DatasetSchema& schema() const override { return schema_; }
  data::ShardKey key_of(std::int64_t shard) override;
  void make(const std::filesystem::path& folder, const data::ShardKey& key,
            const std::function<void(std::int64_t)>& done,
            const std::function<void(const data::ShardCommit&)>& accept) override;

 private:
  const ImageSources& sources_;
  std::string settings_;
  bool strict_;
  data::DatasetSchema schema_;
};

}  // namespace tessera::data_prep
