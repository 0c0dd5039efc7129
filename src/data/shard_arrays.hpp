// SPDX-License-Identifier: Apache-2.0
// What shards of every kind are made of: described arrays, offsets of ragged rows, targets. Reading raises
// DataError naming file, array and what is wrong.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/dataset_schema.hpp"
#include "data/hdf5_owner.hpp"

namespace tessera::data {

inline constexpr std::int64_t kShardSchemaVersion = 1;

using Integers = std::vector<std::int64_t>;

inline std::int64_t rows(std::size_t count) {
  return static_cast<std::int64_t>(count);
}

void describe(Hdf5Dataset dataset, const char* columns, const char* unit);
void write_offsets(Hdf5Group& group, const std::string& name, const Integers& offsets);
/// `values` (records, targets), row by row.
void write_targets(Hdf5Group& root, std::span<const double> values, const std::vector<TargetColumn>& targets);
/// Kind and version of a new shard.
void write_heading(Hdf5Group& root, const std::string& kind);

[[noreturn]] void refuse(const Hdf5Object& at, const std::string& problem);
void require_shape(const Hdf5Dataset& dataset, const Shape& shape);
Integers read_integers(const Hdf5Group& group, const std::string& name, const Shape& shape, std::int64_t low,
                       std::int64_t high);
std::vector<double> read_finite(const Hdf5Group& group, const std::string& name, const Shape& shape);
/// Of records that have at least `least` rows each.
Integers read_offsets(const Hdf5Group& group, const std::string& name, std::int64_t num_records,
                      std::int64_t least);

struct TargetValues {
  std::vector<TargetColumn> columns;
  std::vector<std::vector<double>> of_record;  // (records, targets)
};
TargetValues read_targets(const Hdf5Group& group, std::int64_t num_records);
/// kCrystals or kImages. Raises DataError where the bytes are no shard.
std::string kind_of_shard(const std::string& bytes, const std::string& name);
/// `name` stands in messages.
void check_heading(const Hdf5Group& root, const std::string& kind, const std::string& name);

}  // namespace tessera::data
