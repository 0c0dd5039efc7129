// SPDX-License-Identifier: Apache-2.0
// Learning rates over a training: linear warm-up, then constant, step, cosine, one-cycle or plateau. All but
// plateau are functions of the step alone; plateau's two numbers travel in the checkpoint.
#pragma once

#include <cstdint>
#include <string>

namespace tessera::train {

struct ScheduleOptions {
  std::string name = "constant";  // constant, step, cosine, one_cycle, plateau
  double learning_rate = 1e-3;    // the peak
  std::int64_t steps_per_epoch = 1;
  std::int64_t epochs = 1;
  double warmup_epochs = 0;
  std::int64_t step_epochs = 30;       // step: every so many epochs …
  double step_factor = 0.1;            // … the rate is multiplied by this; plateau uses it too
  std::int64_t plateau_patience = 10;  // epochs without a better metric
};

class Schedule {
 public:
  explicit Schedule(const ScheduleOptions& options) : options_(options) {}

  /// The rate for the update number `step`, counted from 0 over the whole training.
  double rate(std::int64_t step) const;

  /// Once an epoch, with the same verdict on every rank.
  void observe(bool metric_improved);

  struct State {
    double plateau_scale = 1.0;
    std::int64_t epochs_without_gain = 0;
  };
  State state;

 private:
  ScheduleOptions options_;
};

}  // namespace tessera::train
