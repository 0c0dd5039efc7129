// SPDX-License-Identifier: Apache-2.0
#include "search/journal_lock.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <random>
#include <thread>

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/log.hpp"
#include "search/process.hpp"

namespace tessera::search {
namespace {

namespace fs = std::filesystem;

constexpr double kFirstWait = 0.0002, kLongestWait = 0.1;  // seconds; Optuna waits 1 ms to 1 s
constexpr double kSecondsBetweenWarnings = 10;

// Through a link, as Optuna's is, the time is the journal's: that lock ages only while nobody writes.
std::optional<LockFile> look_at(const fs::path& lock) {
  struct stat own {
  }, target{};
  if (::lstat(lock.c_str(), &own) != 0) return std::nullopt;
  const auto& time = (::stat(lock.c_str(), &target) == 0 ? target : own).st_mtim;
  return LockFile{own.st_dev, own.st_ino, time.tv_sec, time.tv_nsec};
}

// Nothing of Optuna's lock.
std::optional<Process> holder_of(const fs::path& lock) {
  const int file = ::open(lock.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return std::nullopt;
  std::string text(512, '\0');
  const ssize_t got = ::read(file, text.data(), text.size());
  ::close(file);
  if (got <= 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(got));
  return process_from_line(text);
}

fs::path unused_name(const fs::path& lock, const char* ending) {
  std::uint64_t random = 0;
  if (::getrandom(&random, sizeof random, 0) != sizeof random) random = std::random_device()();
  return fmt::format("{}{:016x}{}", lock.string(), random, ending);
}

void remove_lock(const fs::path& lock) {
  // A rename fails for all but one who try at once; an unlink might hit the lock of whoever came next.
  const fs::path renamed = unused_name(lock, ".rename");
  if (::rename(lock.c_str(), renamed.c_str()) == 0) ::unlink(renamed.c_str());
}

// Removes the lock if it is still the one seen. Those of this host come one at a time, so that nobody removes
// the lock of who was faster.
bool take_away(const fs::path& lock, const fs::path& journal, const LockFile& seen) {
  const int guard = ::open(journal.c_str(), O_RDONLY | O_CLOEXEC);
  if (guard >= 0) ::flock(guard, LOCK_EX);
  const bool is_same = look_at(lock) == seen;
  if (is_same) remove_lock(lock);
  if (guard >= 0) ::close(guard);
  return is_same;
}

// A file of ours beside the lock that names this process. It becomes the lock by a second name, whole at
// once: who is killed here leaves no lock that says nothing of its holder.
class SignedFile {
 public:
  explicit SignedFile(const fs::path& lock) : path_(unused_name(lock, ".new")) {
    const std::string line = process_line(this_process()) + "\n";
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0) refuse(lock);
    // Where this fails (disk full) the lock holds all the same; it only does not say whose it is.
    [[maybe_unused]] const auto written = ::write(file, line.data(), line.size());
    ::close(file);
  }
  ~SignedFile() { ::unlink(path_.c_str()); }
  SignedFile(const SignedFile&) = delete;
  SignedFile& operator=(const SignedFile&) = delete;

  /// False where the lock is there already.
  bool becomes(const fs::path& lock) const {
    if (::link(path_.c_str(), lock.c_str()) == 0) return true;
    if (errno == EPERM || errno == EOPNOTSUPP) {  // a file system without second names: as Optuna's open lock
      const int file = ::open(lock.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
      if (file >= 0) return ::close(file) == 0;
    }
    if (errno != EEXIST) refuse(lock);
    return false;
  }

 private:
  [[noreturn]] static void refuse(const fs::path& lock) {
    throw core::InputError(fmt::format(
        "cannot create the lock {}: {}. A search writes to its study's folder: mend the permissions or "
        "name another folder.",
        lock.string(), std::strerror(errno)));
  }

  fs::path path_;
};

// Whose the lock is, how long it has not moved, and what follows from both.
class Queue {
 public:
  Queue(fs::path lock, fs::path journal, double grace_seconds)
      : lock_(std::move(lock)), journal_(std::move(journal)), grace_seconds_(grace_seconds) {}

  /// True once the lock of a process that left it behind was removed.
  bool takes_over() {
    const double now = waited_.seconds();
    const auto seen = look_at(lock_);
    if (seen != before_) unchanged_since_ = now;
    before_ = seen;
    if (!seen) return false;
    const auto holder = holder_of(lock_);
    const std::string whose =
        holder ? fmt::format("process {} on {}", holder->pid, holder->host) : std::string("another process");
    const bool is_dead = holder && is_known_dead(*holder);
    if (is_dead || now - unchanged_since_ > grace_seconds_) {
      if (!take_away(lock_, journal_, *seen)) return false;
      const std::string why =
          is_dead ? "which is dead" : fmt::format("which has not moved for {:g} s", grace_seconds_);
      core::log::warning("{} was left by {}, {}: taken over", lock_.string(), whose, why);
      return true;
    }
    if (now > next_warning_) {
      core::log::warning("waiting for {} since {:.0f} s: {} holds it", lock_.string(), now, whose);
      next_warning_ = now + kSecondsBetweenWarnings;
    }
    return false;
  }

  /// Uneven and ever longer, so that processes do not try in step.
  void wait() {
    std::this_thread::sleep_for(
        std::chrono::duration<double>(std::uniform_real_distribution<>(wait_ / 2, wait_)(random_)));
    wait_ = std::min(2 * wait_, kLongestWait);
  }

 private:
  fs::path lock_, journal_;
  double grace_seconds_;
  core::Stopwatch waited_;
  std::minstd_rand random_{std::random_device()()};
  double wait_ = kFirstWait, next_warning_ = kSecondsBetweenWarnings, unchanged_since_ = 0;
  std::optional<LockFile> before_;
};

}  // namespace

JournalLock::JournalLock(const fs::path& journal, JournalLockOptions options)
    : path_(journal.string() + ".lock") {
  const SignedFile ours(path_);
  if (!ours.becomes(path_)) {
    Queue queue(path_, journal, options.grace_seconds);
    while (!ours.becomes(path_))
      if (!queue.takes_over()) queue.wait();
  }
  file_ = look_at(path_).value_or(LockFile{});
}

JournalLock::~JournalLock() {
  if (is_held()) remove_lock(path_);
}

bool JournalLock::is_held() const {
  return look_at(path_) == file_;
}

}  // namespace tessera::search
