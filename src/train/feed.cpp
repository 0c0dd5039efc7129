// SPDX-License-Identifier: Apache-2.0
#include "train/feed.hpp"

#include "data/assignment.hpp"
#include "models/crystal_batch.hpp"

namespace tessera::train {

models::Batch CrystalFeed::batch(std::span<const std::int64_t> records) {
  std::vector<std::shared_ptr<const data::CrystalRecord>> kept;  // the store may drop a shard meanwhile
  std::vector<const data::CrystalRecord*> crystals;
  for (const std::int64_t record : records)
    crystals.push_back(kept.emplace_back(store_.record(record)).get());
  models::Batch batch = models::make_crystal_batch(crystals, features_);
  batch.records.assign(records.begin(), records.end());
  batch.target = task_.targets(records);
  return batch.to(device_);
}

double CrystalFeed::cost(std::int64_t record) const {
  const auto& row = store_.rows()[static_cast<std::size_t>(record)];
  return static_cast<double>(features_ == models::Features::Mesh ? row.faces : row.atoms);
}

std::vector<std::vector<std::int64_t>> cut_by_cost(const Feed& feed, std::span<const std::int64_t> records,
                                                   std::int64_t parts) {
  std::vector<double> costs;
  for (const std::int64_t record : records) costs.push_back(feed.cost(record));
  std::vector<std::vector<std::int64_t>> cut;
  for (const auto& chosen : data::assign_by_cost(costs, parts)) {
    auto& part = cut.emplace_back();
    for (const std::int64_t i : chosen) part.push_back(records[static_cast<std::size_t>(i)]);
  }
  return cut;
}

}  // namespace tessera::train
