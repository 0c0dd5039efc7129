// SPDX-License-Identifier: Apache-2.0
#include "dist/stop_request.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <limits>

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/text.hpp"

namespace tessera::dist {
namespace {

// A handler may touch nothing else, and can be given nothing.
volatile std::sig_atomic_t save_asked = 0, requeue_asked = 0;

constexpr double kLeastSecondsToSave = 10;

}  // namespace

void watch_stop_signals() {
  struct sigaction action {};
  action.sa_flags = SA_RESTART;
  action.sa_handler = [](int) { save_asked = 1; };
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = [](int) { requeue_asked = 1; };
  for (const int number : {SIGUSR1, SIGUSR2}) sigaction(number, &action, nullptr);
}

Stop stop_asked() {
  if (save_asked) return Stop::Save;
  return requeue_asked ? Stop::SaveAndRequeue : Stop::None;
}

void ask_for_requeue() {
  if (const char* file = std::getenv("TESSERA_REQUEUE_FILE"); file && *file)
    core::write_file_atomically(file, "stopped in time, and worth going on with\n");
}

JobEnd::JobEnd(double unix_seconds, std::function<double()> clock)
    : end_(unix_seconds), clock_(std::move(clock)), last_look_(clock_()) {}

JobEnd JobEnd::of_this_job() {
  const char* text = std::getenv("SLURM_JOB_END_TIME");
  if (!text || !*text) return JobEnd(std::numeric_limits<double>::infinity());
  const auto seconds = core::parse_number(text);
  if (!seconds)
    throw core::InputError(
        fmt::format("SLURM_JOB_END_TIME must be seconds since 1970, it is \"{}\". Mend or unset it.", text));
  return JobEnd(*seconds);
}

bool JobEnd::is_near_after_step() {
  const double now = clock_();
  slowest_step_ = std::max(slowest_step_, now - last_look_);
  last_look_ = now;
  return end_ - now < std::max(2 * (slowest_step_ + slowest_save_), kLeastSecondsToSave);
}

void JobEnd::saved(double seconds) {
  slowest_save_ = std::max(slowest_save_, seconds);
}

}  // namespace tessera::dist
