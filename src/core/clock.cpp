// SPDX-License-Identifier: Apache-2.0
#include "core/clock.hpp"

#include <fmt/core.h>

#include <cmath>
#include <cstdint>
#include <ctime>

namespace tessera::core {

double unix_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string utc_timestamp() {
  return utc_timestamp(unix_time());
}

std::string utc_timestamp(double unix_seconds) {
  const auto microseconds = static_cast<std::int64_t>(std::floor(unix_seconds * 1e6));
  const auto whole = static_cast<std::time_t>(microseconds / 1'000'000);
  std::tm parts{};
  gmtime_r(&whole, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}+00:00", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     microseconds % 1'000'000);
}

}  // namespace tessera::core
