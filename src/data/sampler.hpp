// SPDX-License-Identifier: Apache-2.0
// The order in which records are trained on: one shuffle an epoch over all of them, cut into global batches.
// It depends on records, seed and epoch only, never on ranks or threads; a cursor says where it stands.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace tessera::data {

/// The next step to take.
struct Cursor {
  std::int64_t epoch = 0;
  std::int64_t step = 0;  // in the epoch
  auto operator<=>(const Cursor&) const = default;
};

class Sampler {
 public:
  /// Raises InputError where there are no records or global_batch is below 1.
  Sampler(std::vector<std::int64_t> records, std::int64_t global_batch, std::uint64_t seed);

  /// As few as batches of at most global_batch records allow. They differ by one record at most: a last batch
  /// of a few records would move the weights, and the batch-norm statistics, as far as a whole one.
  std::int64_t steps_per_epoch() const;
  std::int64_t num_records() const { return static_cast<std::int64_t>(records_.size()); }

  /// Record numbers of the global batch at `at`, any order of calls.
  std::vector<std::int64_t> batch(Cursor at);

 private:
  std::vector<std::int64_t> records_;
  std::int64_t global_batch_;
  std::uint64_t seed_;
  std::int64_t shuffled_epoch_ = -1;  // whose order `order_` is
  std::vector<std::int64_t> order_;
};

}  // namespace tessera::data
