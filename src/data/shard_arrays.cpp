// SPDX-License-Identifier: Apache-2.0
#include "data/shard_arrays.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"

namespace tessera::data {

void describe(Hdf5Dataset dataset, const char* columns, const char* unit) {
  dataset.set("columns", std::string(columns));
  dataset.set("unit", std::string(unit));
}

void write_offsets(Hdf5Group& group, const std::string& name, const Integers& offsets) {
  describe(group.write(name, {rows(offsets.size())}, offsets), "first row of each record, then the end", "");
}

void write_targets(Hdf5Group& root, std::span<const double> values,
                   const std::vector<TargetColumn>& targets) {
  auto group = root.create_group("targets");
  for (std::size_t t = 0; t < targets.size(); ++t) {
    std::vector<double> column;
    for (std::size_t at = t; at < values.size(); at += targets.size())
      // One bit pattern for all NaNs, whatever arithmetic they came from.
      column.push_back(std::isnan(values[at]) ? std::numeric_limits<double>::quiet_NaN() : values[at]);
    auto dataset = group.write(targets[t].name, {rows(column.size())}, column);
    dataset.set("unit", targets[t].unit);
    dataset.set("column", static_cast<std::int64_t>(t));
  }
}

void write_heading(Hdf5Group& root, const std::string& kind) {
  root.set("kind", kind);
  root.set("schema_version", kShardSchemaVersion);
}

void refuse(const Hdf5Object& at, const std::string& problem) {
  throw core::DataError(fmt::format("{} is damaged: {}", at.where(), problem));
}

void require_shape(const Hdf5Dataset& dataset, const Shape& shape) {
  if (const auto got = dataset.shape(); got != shape)
    refuse(dataset,
           fmt::format("its shape must be {}, got {}", fmt::join(shape, " x "), fmt::join(got, " x ")));
}

Integers read_integers(const Hdf5Group& group, const std::string& name, const Shape& shape, std::int64_t low,
                       std::int64_t high) {
  const auto dataset = group.dataset(name);
  require_shape(dataset, shape);
  auto values = dataset.integers();
  for (auto value : values)
    if (value < low || value > high)
      refuse(dataset, fmt::format("values must be {} to {}, got {}", low, high, value));
  return values;
}

std::vector<double> read_finite(const Hdf5Group& group, const std::string& name, const Shape& shape) {
  const auto dataset = group.dataset(name);
  require_shape(dataset, shape);
  auto values = dataset.doubles();
  for (double value : values)
    if (!std::isfinite(value)) refuse(dataset, "values must be finite numbers");
  return values;
}

Integers read_offsets(const Hdf5Group& group, const std::string& name, std::int64_t num_records,
                      std::int64_t least) {
  const auto dataset = group.dataset(name);
  require_shape(dataset, {num_records + 1});
  auto offsets = dataset.integers();
  if (offsets.front() != 0) refuse(dataset, "offsets must begin at 0");
  for (std::size_t i = 1; i < offsets.size(); ++i)
    if (offsets[i] < offsets[i - 1] || offsets[i] - offsets[i - 1] < least ||
        offsets[i] > std::numeric_limits<std::int32_t>::max())
      refuse(dataset, fmt::format("offsets must rise by {} or more, got {} after {}", least, offsets[i],
                                  offsets[i - 1]));
  return offsets;
}

TargetValues read_targets(const Hdf5Group& group, std::int64_t num_records) {
  const auto names = group.names();
  TargetValues targets;
  targets.columns.resize(names.size());
  targets.of_record.assign(static_cast<std::size_t>(num_records),
                           std::vector<double>(names.size(), std::numeric_limits<double>::quiet_NaN()));
  for (const auto& name : names) {
    const auto dataset = group.dataset(name);
    require_shape(dataset, {num_records});
    const auto column = dataset.integer("column");
    if (column < 0 || column >= rows(names.size()) ||
        !targets.columns[static_cast<std::size_t>(column)].name.empty())
      refuse(dataset, fmt::format("its column must be one of 0 to {} not yet taken, got {}",
                                  rows(names.size()) - 1, column));
    targets.columns[static_cast<std::size_t>(column)] = {name, dataset.text("unit")};
    const auto values = dataset.doubles();
    for (std::size_t i = 0; i < values.size(); ++i)
      targets.of_record[i][static_cast<std::size_t>(column)] = values[i];
  }
  return targets;
}

std::string kind_of_shard(const std::string& bytes, const std::string& name) {
  return Hdf5File::open(name, bytes).root().text("kind");
}

void check_heading(const Hdf5Group& root, const std::string& kind, const std::string& name) {
  if (const auto got = root.text("kind"); got != kind)
    throw core::DataError(fmt::format("{} must hold {}, got \"{}\"", name, kind, got));
  if (const auto version = root.integer("schema_version"); version != kShardSchemaVersion)
    throw core::DataError(
        fmt::format("{} has schema version {}, this program reads version {}. Prepare the "
                    "dataset again, or use the Tessera that wrote it.",
                    name, version, kShardSchemaVersion));
}

}  // namespace tessera::data
