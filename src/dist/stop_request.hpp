// SPDX-License-Identifier: Apache-2.0
// Why a job ends before its end, and what its batch script does then: a signal (Slurm's --signal, scancel),
// or the end of the time that the scheduler gave it.
#pragma once

#include <cstdint>
#include <functional>

#include "core/clock.hpp"

namespace tessera::dist {

/// What all ranks do is the highest of what they ask for: "do not start again" outweighs "start again".
enum class Stop : std::int32_t { None, SaveAndRequeue, Save };

/// Local. From here on SIGTERM, SIGUSR1 and SIGUSR2 end this process no more: they set a flag, which the body
/// must look at.
void watch_stop_signals();

/// What the signals that came to this rank since ask for: SIGTERM to save; SIGUSR1 and SIGUSR2 to save and go
/// on in a job of the same name.
Stop stop_asked();

/// Tells the batch script to put its job back into the queue: writes the file that TESSERA_REQUEUE_FILE
/// names, nothing where it is not set. For one rank, of a job that ends with kExitStoppedInTime and has
/// gained something since its start: one that has not would be put back for ever. Raises DataError.
void ask_for_requeue();

/// Leaves a job the time to save before the scheduler ends it: twice its slowest step and its slowest save,
/// and 10 s where these are short.
class JobEnd {
 public:
  /// Ends at `unix_seconds`; at no time where that is infinite.
  explicit JobEnd(double unix_seconds, std::function<double()> clock = core::unix_time);
  /// At SLURM_JOB_END_TIME, which the batch script exports. Raises InputError for what is not seconds.
  static JobEnd of_this_job();

  /// Between two calls lies a step, with all that may come after it. True where the time left is needed to
  /// save.
  bool is_near_after_step();
  void saved(double seconds);

 private:
  double end_;
  std::function<double()> clock_;
  double last_look_;
  double slowest_step_ = 0, slowest_save_ = 0;
};

}  // namespace tessera::dist
