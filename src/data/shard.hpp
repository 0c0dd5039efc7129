// SPDX-License-Identifier: Apache-2.0
// A shard: some hundred records in one HDF5 file, ragged by offsets (record i's rows are
// [offsets[i], offsets[i + 1])). Written whole, read whole; reading trusts nothing it finds.
#pragma once

#include <vector>

#include "data/crystal_record.hpp"
#include "data/dataset_schema.hpp"
#include "data/image_record.hpp"

namespace tessera::data {

template <typename Record>
struct Shard {
  DatasetSchema schema;
  std::vector<Record> records;
};
using CrystalShard = Shard<CrystalRecord>;
using ImageShard = Shard<ImageRecord>;

}  // namespace tessera::data
