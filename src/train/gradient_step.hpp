// SPDX-License-Identifier: Apache-2.0
// One global batch to one gradient, the same on every rank. Two ways: overlapped (each rank a share, buckets
// all-reduced while backward runs) and reproducible (the batch in fixed virtual shards, summed in one fixed
// tree, so that the bits do not depend on the number of ranks).
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "dist/communicator.hpp"
#include "dist/tensor/gradient_reducer.hpp"
#include "models/batch.hpp"
#include "train/feed.hpp"
#include "train/section_clock.hpp"
#include "train/task.hpp"

namespace tessera::train {

struct StepOptions {
  std::uint64_t seed = 0;           // of the dropout streams
  std::int64_t accumulation = 1;    // overlapped: micro-batches of a rank's share
  std::int64_t virtual_shards = 8;  // reproducible
  bool bf16 = false;
};

class GradientStep {
 public:
  virtual ~GradientStep() = default;
  /// Collective. Leaves in every parameter's grad the gradient of the mean loss over `global_batch`, moves
  /// the batch-norm statistics on by one step, and returns that mean loss.
  virtual double run(std::int64_t step, std::span<const std::int64_t> global_batch) = 0;
};

std::unique_ptr<GradientStep> make_overlapped_step(models::Network& network, const Task& task, Feed& feed,
                                                   const dist::Communicator& comm,
                                                   dist::GradientReducer& reducer, SectionClock& clock,
                                                   const StepOptions& options);

std::unique_ptr<GradientStep> make_reproducible_step(models::Network& network, const Task& task, Feed& feed,
                                                     const dist::Communicator& comm, SectionClock& clock,
                                                     const StepOptions& options);

/// bfloat16 where it is safe (LibTorch's autocast lists), float32 elsewhere, as long as this lives.
class AutocastScope {
 public:
  AutocastScope(bool enabled, torch::Device device);
  ~AutocastScope();
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  bool enabled_;
  c10::DeviceType device_;
};

}  // namespace tessera::train
