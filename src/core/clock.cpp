// SPDX-License-Identifier: Apache-2.0
#include "core/clock.hpp"

#include <fmt/core.h>

#include <ctime>

namespace tessera::core {

double unix_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string utc_timestamp() {
  using namespace std::chrono;
  const auto now = system_clock::now();
  const std::time_t whole = system_clock::to_time_t(now);
  const auto micro = duration_cast<microseconds>(now.time_since_epoch()).count() % 1'000'000;
  std::tm parts{};
  gmtime_r(&whole, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}+00:00", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, micro);
}

}  // namespace tessera::core
