// SPDX-License-Identifier: Apache-2.0
// What is said of a collective that does not finish: who is missing, who is there, and where each rank
// stands.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dist/communicator.hpp"
#include "dist/datagram.hpp"

namespace tessera::dist {

/// A process of the job, as the others find it.
struct Peer {
  std::string host;
  Endpoint endpoint;
};

/// What a rank answers when asked about a channel.
struct Standing {
  std::int64_t reached = 0;   // calls entered on the channel
  std::int64_t waits_in = 0;  // the oldest of them it waits in; 0: in none (begun and left to run, or done)
  std::string last;           // name of the last of them
  std::string doing;          // "waiting in 'loss' for 12 s", in words
  std::vector<std::string>
      dump{};  // where asked: what it does now, its last collectives, its main thread's stack
};

/// A collective that a rank is waiting in.
struct Wait {
  std::string channel;
  std::int64_t number =
      0;  // counted on the channel from 1; 0: no collective, but a wait for others all the same
  std::string what;
  Patience patience = Patience::Limited;
  std::chrono::steady_clock::time_point since;
  std::chrono::steady_clock::time_point asked;  // when the others were asked last
};

/// "call 3 on world".
std::string place_of(const Wait& wait);

/// Which of the `members` should say more for the report: the first 32 of those that answer, with those that
/// it is about before those that wait.
std::vector<int> ranks_to_dump(const Wait& wait, const std::vector<int>& members,
                               const std::vector<std::optional<Standing>>& answers);

/// The report as it is logged; `answers[i]` is that of `members[i]`, absent if it gave none.
std::string hang_report(const Wait& wait, double seconds, const std::vector<int>& members,
                        const std::vector<Peer>& peers, const std::vector<std::optional<Standing>>& answers);

}  // namespace tessera::dist
