// SPDX-License-Identifier: Apache-2.0
// Watches collectives that go on while this rank does other things: those enqueued on a GPU. Each counts as
// waited in until it is done, so a stall is found by the watchdog even where no thread of ours waits.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "dist/communicator.hpp"

namespace tessera::dist {

class BackgroundWatch {
 public:
  /// `error` says why the back end has failed behind our back, "" while it has not; then the job ends. It and
  /// what is given to `add` are called from a thread of the watch's own.
  BackgroundWatch(Communicator ranks, std::function<std::string()> error);
  /// Lets go of what is still under way.
  ~BackgroundWatch();
  BackgroundWatch(const BackgroundWatch&) = delete;
  BackgroundWatch& operator=(const BackgroundWatch&) = delete;

  /// Local. Watches call `number` (see Communicator::count_call) until `done` says true. Calls must come to
  /// their end in the order they were added.
  void add(std::int64_t number, std::string_view what, std::function<bool()> done);

 private:
  struct Call;
  void run();
  void look();

  const Communicator ranks_;
  const std::function<std::string()> error_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  bool stopping_ = false;
  std::deque<std::unique_ptr<Call>> calls_;
  std::thread thread_;
};

}  // namespace tessera::dist
