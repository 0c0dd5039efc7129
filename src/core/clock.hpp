// SPDX-License-Identifier: Apache-2.0
// Time: a stopwatch for durations, and the wall clock as people and JSON write it.
#pragma once

#include <chrono>
#include <string>

namespace tessera::core {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  void restart() { start_ = std::chrono::steady_clock::now(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Seconds since 1970, UTC.
double unix_time();

/// "2026-11-22T17:11:55.123456+00:00"; now, or so many seconds since 1970.
std::string utc_timestamp();
std::string utc_timestamp(double unix_seconds);

}  // namespace tessera::core
