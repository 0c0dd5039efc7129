// SPDX-License-Identifier: Apache-2.0
// Questions to the root, answered by a thread of it while it works like the others: how ranks share what only
// one of them may write.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "dist/communicator.hpp"

namespace tessera::dist {

struct RequestHandler {
  /// The root's answer to a rank's question, one at a time; what it throws, `ask` throws where it was asked.
  std::function<std::string(int rank, const std::string& question)> answer;
  /// Called on the root around the answers to all questions that have come meanwhile, so that what they write
  /// is written once; they are sent when it returns, and where it throws, each of them throws that.
  std::function<void(const std::function<void()>& answers)> together = [](const auto& answers) { answers(); };
  /// Called on the root between questions, about every `tick_seconds`, also while nobody asks.
  std::function<void()> tick = [] {};
  double tick_seconds = 1;
};

class RequestService {
 public:
  /// Collective. The handler is used on the root only. Raises ParallelError where there are several ranks and
  /// MPI does not let two threads in at once (MPI_THREAD_MULTIPLE).
  RequestService(const Communicator& comm, RequestHandler handler);
  /// Joins the root's thread: ranks that still ask would wait for ever, so close first unless all fail.
  ~RequestService();
  RequestService(const RequestService&) = delete;
  RequestService& operator=(const RequestService&) = delete;

  /// Local, by any rank at any time; one question of a rank at a time.
  std::string ask(const std::string& question) const;

  /// Collective. Returns when every rank has come, however late.
  void close();

 private:
  struct Message {
    int rank = 0;
    std::string text;
  };
  std::vector<std::string> answer(const std::vector<Message>& questions) const;
  std::optional<Message> receive(int from, int tag) const;
  void serve();

  Communicator comm_;
  RequestHandler handler_;
  mutable std::mutex answering_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace tessera::dist
