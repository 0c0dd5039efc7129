// SPDX-License-Identifier: Apache-2.0
// From record numbers to batches on a device. One implementation per kind of dataset; the trainer sees no
// more of a dataset than this.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/store.hpp"
#include "models/batch.hpp"
#include "train/task.hpp"

namespace tessera::train {

class Feed {
 public:
  virtual ~Feed() = default;
  /// A batch with targets, on the feed's device.
  virtual models::Batch batch(std::span<const std::int64_t> records) = 0;
  /// What a record costs to train on, in any unit: batches are balanced by it.
  virtual double cost(std::int64_t record) const = 0;
};

class CrystalFeed final : public Feed {
 public:
  CrystalFeed(const data::CrystalStore& store, const Task& task, models::Features features,
              torch::Device device)
      : store_(store), task_(task), features_(features), device_(device) {}

  models::Batch batch(std::span<const std::int64_t> records) override;
  double cost(std::int64_t record) const override;

 private:
  const data::CrystalStore& store_;
  const Task& task_;
  models::Features features_;
  torch::Device device_;
};

/// A share of a global batch cut into parts of nearly equal cost, whole and without repeats.
std::vector<std::vector<std::int64_t>> cut_by_cost(const Feed& feed, std::span<const std::int64_t> records,
                                                   std::int64_t parts);

}  // namespace tessera::train
