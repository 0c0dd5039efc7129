// SPDX-License-Identifier: Apache-2.0
#include "dist/datagram.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "core/error.hpp"

namespace tessera::dist {
namespace {

std::vector<std::string> addresses_of_this_host() {
  std::vector<std::string> found;
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) == 0) {
    for (const auto* interface = first; interface; interface = interface->ifa_next) {
      if (!interface->ifa_addr || interface->ifa_addr->sa_family != AF_INET) continue;
      if (!(interface->ifa_flags & IFF_UP) || (interface->ifa_flags & IFF_LOOPBACK)) continue;
      char text[INET_ADDRSTRLEN] = {};
      const auto* address = reinterpret_cast<const sockaddr_in*>(interface->ifa_addr);
      if (inet_ntop(AF_INET, &address->sin_addr, text, sizeof text)) found.emplace_back(text);
    }
    freeifaddrs(first);
  }
  found.emplace_back("127.0.0.1");
  return found;
}

}  // namespace

std::string to_text(const Endpoint& endpoint) {
  return fmt::format("{} {}", endpoint.port, fmt::join(endpoint.addresses, " "));
}

Endpoint endpoint_from_text(const std::string& text) {
  Endpoint endpoint;
  std::istringstream words(text);
  words >> endpoint.port;
  for (std::string address; words >> address;) endpoint.addresses.push_back(address);
  return endpoint;
}

DatagramSocket::DatagramSocket() : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_addr.s_addr = htonl(INADDR_ANY);
  if (socket_ < 0 || bind(socket_, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0) {
    const std::string reason = std::strerror(errno);
    if (socket_ >= 0) close(socket_);
    throw core::ParallelError("the watchdog could not open a UDP socket: " + reason);
  }
}

DatagramSocket::~DatagramSocket() {
  close(socket_);
}

Endpoint DatagramSocket::endpoint() const {
  sockaddr_in own{};
  socklen_t length = sizeof own;
  getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &length);
  return {ntohs(own.sin_port), addresses_of_this_host()};
}

void DatagramSocket::send(const Endpoint& to, const std::string& message) const {
  for (const auto& text : to.addresses) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port);
    if (inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) continue;
    (void)sendto(socket_, message.data(), message.size(), MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
}

std::optional<std::string> DatagramSocket::receive(double seconds) const {
  pollfd watched{socket_, POLLIN, 0};
  if (poll(&watched, 1, static_cast<int>(seconds * 1000)) <= 0) return std::nullopt;
  std::string message(2048, '\0');
  const auto length = recv(socket_, message.data(), message.size(), MSG_DONTWAIT);
  if (length < 0) return std::nullopt;
  message.resize(static_cast<std::size_t>(length));
  return message;
}

}  // namespace tessera::dist
