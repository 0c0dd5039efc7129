// SPDX-License-Identifier: Apache-2.0
// From record numbers to batches on a device. One implementation per kind of dataset; the trainer sees no
// more of a dataset than this.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/batch.hpp"

namespace tessera::train {

class Feed {
 public:
  virtual ~Feed() = default;
  /// A batch with targets, on the feed's device: the records as they are.
  virtual models::Batch batch(std::span<const std::int64_t> records) = 0;
  /// What step `step` trains on; a feed that augments draws from streams named by its seed, step and record.
  virtual models::Batch training_batch(std::span<const std::int64_t> records, std::int64_t /*step*/) {
    return batch(records);
  }
  /// How many records fit into a batch of evaluation, at most `most`.
  virtual std::int64_t evaluation_batch(std::int64_t most) const { return most; }
  /// What a record costs to train on, in any unit: batches are balanced by it.
  virtual double cost(std::int64_t record) const = 0;
};

/// A share of a global batch cut into parts of nearly equal cost, whole and without repeats.
std::vector<std::vector<std::int64_t>> cut_by_cost(const Feed& feed, std::span<const std::int64_t> records,
                                                   std::int64_t parts);

}  // namespace tessera::train
