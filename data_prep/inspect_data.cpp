// SPDX-License-Identifier: Apache-2.0
#include "data_prep/inspect_data.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "core/file.hpp"
#include "data/crystal_shard.hpp"
#include "data/image_shard.hpp"
#include "data/quarantine.hpp"
#include "data/shard_arrays.hpp"
#include "data/store.hpp"

namespace tessera::data_prep {
namespace {

// "name  unit  count  min  median  max"
void print_spread(const std::string& name, const std::string& unit, std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  std::sort(values.begin(), values.end());
  if (values.empty()) return fmt::print("  {:<34} {:<12} {:>8}\n", name, unit, 0);
  fmt::print("  {:<34} {:<12} {:>8} {:>12.6g} {:>12.6g} {:>12.6g}\n", name, unit, values.size(),
             values.front(), values[values.size() / 2], values.back());
}

using RowValue = std::function<double(const data::RecordRow&)>;

std::vector<double> values_of(const std::vector<data::RecordRow>& rows, const RowValue& value) {
  std::vector<double> values;
  for (const auto& row : rows) values.push_back(value(row));
  return values;
}

void print_features(const data::DatasetSchema& schema) {
  if (schema.graph)
    fmt::print("graph: {} neighbors within {} Å\n", schema.graph->num_neighbors,
               schema.graph->cutoff_angstrom);
  if (schema.mesh) fmt::print("mesh: {}\n", *schema.mesh);
  if (schema.kind == data::kImages) fmt::print("mask: {} classes\n", schema.mask_classes);
}

void print_rows(const std::vector<data::RecordRow>& rows, const data::DatasetSchema& schema) {
  fmt::print("  {:<34} {:<12} {:>8} {:>12} {:>12} {:>12}\n", "", "unit", "count", "min", "median", "max");
  const auto count = [](std::int64_t number) { return static_cast<double>(number); };
  if (schema.kind == data::kImages) {
    print_spread("height", "px", values_of(rows, [&](auto& row) { return count(row.height); }));
    print_spread("width", "px", values_of(rows, [&](auto& row) { return count(row.width); }));
    print_spread("um_per_px", "micrometre", values_of(rows, [](auto& row) { return row.um_per_px; }));
    std::set<std::string> groups;
    for (const auto& row : rows) groups.insert(row.group);
    fmt::print("  {} groups\n", groups.size());
  } else {
    print_spread("atoms", "", values_of(rows, [&](auto& row) { return count(row.atoms); }));
  }
  if (schema.mesh) print_spread("faces", "", values_of(rows, [&](auto& row) { return count(row.faces); }));
  if (schema.graph) print_spread("edges", "", values_of(rows, [&](auto& row) { return count(row.edges); }));
  for (std::size_t t = 0; t < schema.targets.size(); ++t)
    print_spread(schema.targets[t].name, schema.targets[t].unit,
                 values_of(rows, [&](auto& row) { return row.targets[t]; }));
}

// Reasons differ in their numbers; the words in front tell the kind.
std::string kind_of(const std::string& reason) {
  return reason.substr(0, reason.find_first_of("0123456789:'\"(,"));
}

void print_quarantine(const std::filesystem::path& folder) {
  std::map<std::string, int> kinds;
  for (const auto& row : data::read_quarantine(folder / "quarantine.csv")) ++kinds[kind_of(row.reason)];
  for (const auto& [kind, count] : kinds) fmt::print("  {:>6}  {}\n", count, kind);
}

}  // namespace

std::string inspect_dataset(const std::filesystem::path& folder) {
  const data::DatasetIndex store(folder, data::read_manifest(folder).schema.kind);
  const auto& manifest = store.manifest();
  std::int64_t bytes = 0;
  for (const auto& shard : manifest.shards) bytes += shard.bytes;
  const auto records = std::max<std::int64_t>(manifest.num_records, 1);
  fmt::print("dataset {}, prepared by tessera {}\n", folder.string(), manifest.tool);
  fmt::print("{} {} in {} shards, {} bytes ({} each)\n", manifest.num_records, manifest.schema.kind,
             manifest.shards.size(), bytes, bytes / records);
  print_features(manifest.schema);
  print_rows(store.rows(), manifest.schema);
  fmt::print("settings: {}\n{} inputs in quarantine\n", manifest.settings, manifest.num_quarantined);
  print_quarantine(folder);
  return fmt::format("kind=dataset records={} quarantined={} shards={} bytes={}", manifest.num_records,
                     manifest.num_quarantined, manifest.shards.size(), bytes);
}

namespace {

template <typename Record>
std::string inspect(const std::filesystem::path& file, const data::Shard<Record>& shard) {
  std::vector<data::RecordRow> rows;
  for (const auto& record : shard.records) rows.push_back(data::row_of(record, 0, 0));
  fmt::print("shard {} ({} bytes)\n", file.string(), std::filesystem::file_size(file));
  if (!rows.empty())
    fmt::print("{} {}, {} to {}\n", rows.size(), shard.schema.kind, rows.front().id, rows.back().id);
  print_features(shard.schema);
  print_rows(rows, shard.schema);
  return fmt::format("kind=shard records={} targets={}", rows.size(), shard.schema.targets.size());
}

}  // namespace

std::string inspect_shard(const std::filesystem::path& file) {
  const auto bytes = core::read_file(file);
  if (data::kind_of_shard(bytes, file.string()) == data::kImages)
    return inspect(file, data::decode_image_shard(bytes, file.string()));
  return inspect(file, data::decode_crystal_shard(bytes, file.string()));
}

}  // namespace tessera::data_prep
