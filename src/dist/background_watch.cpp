// SPDX-License-Identifier: Apache-2.0
#include "dist/background_watch.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "core/log.hpp"
#include "dist/mpi_calls.hpp"
#include "dist/watchdog.hpp"

namespace tessera::dist {

struct BackgroundWatch::Call {
  Call(const Communicator& ranks, std::int64_t number, std::string_view name, std::function<bool()> is_done)
      : guard(ranks.in_flight(number, name)), what(name), done(std::move(is_done)) {}
  InFlight guard;
  std::string what;
  std::function<bool()> done;
};

BackgroundWatch::BackgroundWatch(Communicator ranks, std::function<std::string()> error)
    : ranks_(std::move(ranks)), error_(std::move(error)), thread_([this] { run(); }) {}

BackgroundWatch::~BackgroundWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void BackgroundWatch::add(std::int64_t number, std::string_view what, std::function<bool()> done) {
  auto call = std::make_unique<Call>(ranks_, number, what, std::move(done));
  const std::lock_guard lock(mutex_);
  calls_.push_back(std::move(call));
}

void BackgroundWatch::run() {
  constexpr auto kPause = std::chrono::milliseconds(100);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kPause, [this] { return stopping_; })) {
    lock.unlock();  // a driver that is stuck may hold `done` for ever: the calls then go overdue, as they
                    // should
    look();
    lock.lock();
  }
}

// Only this thread takes calls out, so the first one stays where it is while `done` runs.
void BackgroundWatch::look() {
  std::string what = "a call", failure;
  try {
    for (;;) {
      Call* first = nullptr;
      {
        const std::lock_guard lock(mutex_);
        if (calls_.empty()) break;
        first = calls_.front().get();
      }
      what = first->what;
      if (!first->done()) break;
      std::unique_ptr<Call> finished;  // its end must not hold the lock
      const std::lock_guard lock(mutex_);
      finished = std::move(calls_.front());
      calls_.pop_front();
    }
    failure = error_();
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (failure.empty()) return;
  core::log::error("'{}' failed on {}: {}. The job ends here.", what, host_name(), failure);
  end_job();
}

}  // namespace tessera::dist
