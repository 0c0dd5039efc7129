// SPDX-License-Identifier: Apache-2.0
// Which process of which machine: for locks and leases that outlive whoever took them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tessera::search {

struct Process {
  std::string host;
  std::string kernel;        // boot and process namespace: equal names of hosts prove nothing in containers
  std::int64_t pid = 0;      // in that namespace
  std::int64_t started = 0;  // clock ticks after the boot; tells a later process of the same id from it

  bool operator==(const Process&) const = default;
};

Process this_process();

/// True only where that can be known: it ran under this very kernel, and is no more. A process of another
/// host is never known to be dead.
bool is_known_dead(const Process& process);

/// "HOST KERNEL PID STARTED" and back; nothing where the text is no such line.
std::string process_line(const Process& process);
std::optional<Process> process_from_line(const std::string& line);

}  // namespace tessera::search
