// SPDX-License-Identifier: Apache-2.0
// Checkpoints written beside the training: it hands over a copy and goes on, a thread brings it to the disk.
// One write is under way at a time, so that memory and disk hold one checkpoint more than before, no matter
// how slow the disk is. Of the one rank that writes.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <utility>

#include "train/checkpoint.hpp"

namespace tessera::train {

class CheckpointWriter {
 public:
  CheckpointWriter(std::filesystem::path run_folder, std::int64_t keep)
      : run_folder_(std::move(run_folder)), keep_(keep) {}

  /// Waits for the write before, and raises what it failed with; then returns while `state`, whose tensors
  /// nobody else may change, is written as save_checkpoint does. `before` runs first in the thread: what must
  /// be on the disk earlier than the checkpoint.
  void write(TrainingState state, bool is_best, std::function<void()> before);

  /// Waits until all is on the disk; raises what the write under way failed with, once.
  void finish();

  /// Whether a write has ended in an error that nobody was told yet.
  bool has_failed() const { return failed_; }

  /// Of the last checkpoint that is on the disk; empty before the first.
  const std::string& weights_sha256() const { return written_.weights_sha256; }
  /// Of the slowest write that has ended, from its start to the disk.
  double slowest_seconds() const { return slowest_seconds_; }

 private:
  struct Written {
    std::string weights_sha256;
    std::exception_ptr failure;
  };

  std::filesystem::path run_folder_;
  std::int64_t keep_;
  Written written_;
  std::atomic<bool> failed_{false};
  std::atomic<double> slowest_seconds_{0};
  std::future<Written> under_way_;  // its end waits for the thread
};

}  // namespace tessera::train
