// SPDX-License-Identifier: Apache-2.0
// The last collectives of a rank, for the report on one that hangs.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace tessera::dist {

class RecentCalls {
 public:
  /// `number` on its channel, as counted by the watchdog.
  void begun(const std::string& channel, std::int64_t number, const std::string& what);
  /// This rank has waited so many seconds in it, and it is over.
  void finished(const std::string& channel, std::int64_t number, double seconds);

  /// One a line, newest first: "'loss' (call 3 on world) 12 s ago, took 0.004 s"; the
  /// time is what this rank waited in it.
  std::vector<std::string> lines() const;

 private:
  struct Call {
    std::string channel;
    std::int64_t number = 0;
    std::string what;
    std::chrono::steady_clock::time_point since;
    std::optional<double> seconds;
  };
  std::deque<Call> calls_;
};

}  // namespace tessera::dist
