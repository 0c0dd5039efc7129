// SPDX-License-Identifier: Apache-2.0
// records.csv: one line a record, so that sizes and targets are known without opening a shard.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "data/crystal_record.hpp"
#include "data/dataset_schema.hpp"
#include "data/image_record.hpp"

namespace tessera::data {

struct RecordRow {
  std::string id;
  std::int64_t shard = 0;
  std::int64_t row = 0;  // in the shard
  // Crystals.
  std::int64_t atoms = 0;
  std::int64_t faces = 0;  // of the mesh; 0 without one
  std::int64_t edges = 0;  // of the graph; 0 without one
  // Images.
  std::string group;  // the parent that a split keeps together
  std::int64_t height = 0;
  std::int64_t width = 0;
  double um_per_px = std::numeric_limits<double>::quiet_NaN();  // NaN where unknown

  std::vector<double> targets;  // in the schema's order; NaN where missing
};

RecordRow row_of(const CrystalRecord& record, std::int64_t shard, std::int64_t row);
RecordRow row_of(const ImageRecord& record, std::int64_t shard, std::int64_t row);

/// Crystals: columns `record,id,shard,row,atoms,faces,edges,space_group,<targets…>`: space_group is the
/// target of that name (empty where there is none), and does not come again among the others. Images:
/// `record,id,group,shard,row,height,width,um_per_px,<targets…>`.
std::string records_csv(std::span<const RecordRow> rows, const DatasetSchema& schema);

/// Raises DataError naming `source` and line where the text is not what records_csv writes.
std::vector<RecordRow> parse_records_csv(const std::string& text, const std::string& source,
                                         const DatasetSchema& schema);

}  // namespace tessera::data
