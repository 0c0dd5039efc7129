// SPDX-License-Identifier: Apache-2.0
#include "dist/recent_calls.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tessera::dist {
namespace {

constexpr std::size_t kCallsKept = 5;
constexpr std::size_t kNameShown = 60;

}  // namespace

void RecentCalls::begun(const std::string& channel, std::int64_t number, const std::string& what) {
  if (calls_.size() == kCallsKept) calls_.pop_back();
  calls_.push_front({channel, number, what.substr(0, kNameShown), std::chrono::steady_clock::now(), {}});
}

void RecentCalls::finished(const std::string& channel, std::int64_t number, double seconds) {
  const auto call = std::ranges::find_if(
      calls_, [&](const Call& it) { return it.number == number && it.channel == channel; });
  if (call != calls_.end()) call->seconds = seconds;
}

std::vector<std::string> RecentCalls::lines() const {
  std::vector<std::string> lines;
  for (const auto& call : calls_) {
    const std::chrono::duration<double> ago = std::chrono::steady_clock::now() - call.since;
    lines.push_back(fmt::format("'{}' (call {} on {}) {:.3g} s ago, {}", call.what, call.number, call.channel,
                                ago.count(),
                                call.seconds ? fmt::format("took {:.3f} s", *call.seconds) : "not done"));
  }
  return lines;
}

}  // namespace tessera::dist
