// SPDX-License-Identifier: Apache-2.0
#include "data/store.hpp"

#include <fmt/core.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/hash.hpp"
#include "data/crystal_shard.hpp"
#include "data/image_shard.hpp"

namespace tessera::data {
namespace {

std::string whole_file(const std::filesystem::path& path, const std::string& sha256) {
  const auto advice = fmt::format("`tessera verify {} --repair` makes it again", path.parent_path().string());
  std::string bytes;
  try {
    bytes = core::read_file(path);
  } catch (const core::InputError& error) {
    throw core::DataError(fmt::format("{}. {}.", error.what(), advice));
  }
  if (core::sha256_of(bytes) != sha256)
    throw core::DataError(
        fmt::format("{} is damaged: its SHA-256 is not the manifest's. {}.", path.string(), advice));
  return bytes;
}

// What differs between the kinds.
const std::string& kind_of(const CrystalRecord*) {
  return kCrystals;
}
const std::string& kind_of(const ImageRecord*) {
  return kImages;
}
CrystalShard decode(const std::string& bytes, const std::string& name, const CrystalRecord*) {
  return decode_crystal_shard(bytes, name);
}
ImageShard decode(const std::string& bytes, const std::string& name, const ImageRecord*) {
  return decode_image_shard(bytes, name);
}

}  // namespace

DatasetIndex::DatasetIndex(const std::filesystem::path& folder, const std::string& kind)
    : folder_(folder), manifest_(read_manifest(folder)) {
  if (manifest_.schema.kind != kind)
    throw core::InputError(
        fmt::format("{} must hold {}, it holds {}. Name another dataset, or a model for it.", folder.string(),
                    kind, manifest_.schema.kind));
  const auto table = folder / "records.csv";
  rows_ = parse_records_csv(whole_file(table, manifest_.records_sha256), table.string(), manifest_.schema);
  std::int64_t next = 0;
  for (std::size_t s = 0; s < manifest_.shards.size(); ++s) {
    first_record_.push_back(next);
    for (std::int64_t row = 0; row < manifest_.shards[s].records; ++row, ++next)
      if (next >= size() || rows_[static_cast<std::size_t>(next)].shard != static_cast<std::int64_t>(s) ||
          rows_[static_cast<std::size_t>(next)].row != row)
        throw core::DataError(fmt::format("{} does not list the records of {} as the manifest does",
                                          table.string(), manifest_.shards[s].file));
  }
  if (next != size() || manifest_.num_records != size())
    throw core::DataError(
        fmt::format("{} lists {} records, the manifest {}", table.string(), size(), manifest_.num_records));
}

std::vector<std::string> DatasetIndex::ids() const {
  std::vector<std::string> ids;
  for (const auto& row : rows_) ids.push_back(row.id);
  return ids;
}

template <typename Record>
Store<Record>::Store(const std::filesystem::path& folder, std::size_t memory_budget)
    : DatasetIndex(folder, kind_of(static_cast<const Record*>(nullptr))), memory_budget_(memory_budget) {}

template <typename Record>
std::shared_ptr<const Shard<Record>> Store<Record>::load(std::int64_t number) const {
  const auto& entry = manifest_.shards[static_cast<std::size_t>(number)];
  const auto path = folder_ / entry.file;
  auto shard = std::make_shared<const Shard<Record>>(
      decode(whole_file(path, entry.sha256), path.string(), static_cast<const Record*>(nullptr)));
  const auto first = static_cast<std::size_t>(first_record_[static_cast<std::size_t>(number)]);
  bool fits = static_cast<std::int64_t>(shard->records.size()) == entry.records &&
              shard->schema.targets == manifest_.schema.targets;
  for (std::size_t i = 0; fits && i < shard->records.size(); ++i)
    fits = shard->records[i].id == rows_[first + i].id;
  if (!fits)
    throw core::DataError(
        fmt::format("{} does not hold the records and targets that records.csv lists for it", path.string()));
  ++num_loads_;
  return shard;
}

template <typename Record>
std::shared_ptr<const Record> Store<Record>::record(std::int64_t record) const {
  const auto& row = rows_[static_cast<std::size_t>(record)];
  const std::lock_guard lock(mutex_);
  auto found = loaded_.find(row.shard);
  if (found == loaded_.end()) {
    Loaded loaded{load(row.shard), 0, {}};
    for (const auto& each : loaded.shard->records) loaded.memory += memory_of(each);
    while (!uses_.empty() && memory_ + loaded.memory > memory_budget_) {
      const auto oldest = loaded_.find(uses_.back());
      memory_ -= oldest->second.memory;
      loaded_.erase(oldest);
      uses_.pop_back();
    }
    memory_ += loaded.memory;
    loaded.use = uses_.insert(uses_.begin(), row.shard);
    found = loaded_.emplace(row.shard, std::move(loaded)).first;
  }
  uses_.splice(uses_.begin(), uses_, found->second.use);
  const auto& shard = found->second.shard;
  return {shard, &shard->records[static_cast<std::size_t>(row.row)]};
}

template <typename Record>
std::int64_t Store<Record>::num_loads() const {
  const std::lock_guard lock(mutex_);
  return num_loads_;
}

template class Store<CrystalRecord>;
template class Store<ImageRecord>;

}  // namespace tessera::data
