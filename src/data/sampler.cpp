// SPDX-License-Identifier: Apache-2.0
#include "data/sampler.hpp"

#include <fmt/core.h>

#include "core/error.hpp"
#include "core/random.hpp"
#include "dist/partition.hpp"

namespace tessera::data {

Sampler::Sampler(std::vector<std::int64_t> records, std::int64_t global_batch, std::uint64_t seed)
    : records_(std::move(records)), global_batch_(global_batch), seed_(seed) {
  if (records_.empty()) throw core::InputError("there are no records to train on");
  if (global_batch_ < 1)
    throw core::InputError(fmt::format("train.global_batch must be 1 or more, got {}", global_batch_));
}

std::int64_t Sampler::steps_per_epoch() const {
  return (num_records() + global_batch_ - 1) / global_batch_;
}

std::vector<std::int64_t> Sampler::batch(Cursor at) {
  if (at.epoch != shuffled_epoch_) {
    order_ = records_;
    core::RandomStream(seed_, "shuffle", static_cast<std::uint64_t>(at.epoch)).shuffle(std::span(order_));
    shuffled_epoch_ = at.epoch;
  }
  const auto block = dist::partition(num_records(), steps_per_epoch(), at.step);
  return {order_.begin() + block.begin, order_.begin() + block.end};
}

}  // namespace tessera::data
