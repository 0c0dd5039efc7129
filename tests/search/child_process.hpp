// SPDX-License-Identifier: Apache-2.0
// A process of its own that runs part of a test, and may be killed at any moment.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace tessera::search {

class ChildProcess {
 public:
  /// Runs `work` and leaves without running what the parent would at its end; 1 where it throws.
  explicit ChildProcess(const std::function<void()>& work) : pid_(::fork()) {
    if (pid_ != 0) return;
    try {
      work();
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  ~ChildProcess() { kill(); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// SIGKILL; it is gone when this returns.
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  /// Its exit code; -1 where a signal ended it.
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

/// Bytes from a child to its parent.
class Pipe {
 public:
  Pipe() { ok_ = ::pipe(ends_) == 0; }
  ~Pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  bool send(char byte) const { return ok_ && ::write(ends_[1], &byte, 1) == 1; }
  /// Waits for one.
  char receive() const {
    char byte = 0;
    return ok_ && ::read(ends_[0], &byte, 1) == 1 ? byte : '\0';
  }

 private:
  int ends_[2] = {-1, -1};
  bool ok_ = false;
};

}  // namespace tessera::search
