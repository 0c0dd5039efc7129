// SPDX-License-Identifier: Apache-2.0
// Small messages between the processes of a job outside MPI (UDP), so that ranks can still be asked where
// they stand when MPI itself is stuck. Messages may be lost: whoever asks, asks again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tessera::dist {

/// Where a process hears: all addresses of its host, since it is not known which of them another node
/// reaches.
struct Endpoint {
  std::uint16_t port = 0;
  std::vector<std::string> addresses;  // IPv4, dotted
};

std::string to_text(const Endpoint& endpoint);
Endpoint endpoint_from_text(const std::string& text);

class DatagramSocket {
 public:
  /// On a free port. Raises ParallelError with the system's text.
  DatagramSocket();
  ~DatagramSocket();
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;

  Endpoint endpoint() const;
  /// To each of the addresses; failures are silent, as losses are.
  void send(const Endpoint& to, const std::string& message) const;
  /// The next message, if one comes within `seconds`.
  std::optional<std::string> receive(double seconds) const;

 private:
  int socket_ = -1;
};

}  // namespace tessera::dist
