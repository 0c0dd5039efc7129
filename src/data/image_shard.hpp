// SPDX-License-Identifier: Apache-2.0
// A shard of micrographs.
#pragma once

#include <span>
#include <string>

#include "data/shard.hpp"

namespace tessera::data {

/// The file's bytes; the same records give the same bytes. Each record must have what `schema` says, and a
/// mask of its image's size. Datasets: / {id, source, group, height, width, bits, um_per_px}, /image
/// {offsets, grey}, /mask {class}: pixels row by row, one record behind the other; /targets.
std::string encode_shard(std::span<const ImageRecord> records, const DatasetSchema& schema);

/// Raises DataError naming `name`, the array and what is wrong, for whatever bytes.
ImageShard decode_image_shard(const std::string& bytes, const std::string& name);

/// Bytes a record takes in memory, for a cache's budget.
std::size_t memory_of(const ImageRecord& record);

}  // namespace tessera::data
