// SPDX-License-Identifier: Apache-2.0
#include "search/journal_lock.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
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

// Nothing of Optuna's lock, nor of one whose creator has not written yet (or died between the two).
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

void remove_lock(const fs::path& lock) {
  // A rename fails for all but one who try at once; an unlink might hit the lock of whoever came next.
  std::random_device random;
  const fs::path renamed = fmt::format("{}{:08x}{:08x}.rename", lock.string(), random(), random());
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

}  // namespace

JournalLock::JournalLock(const fs::path& journal, JournalLockOptions options)
    : path_(journal.string() + ".lock") {
  // Made before: who is killed between the next two calls keeps all others waiting for the grace.
  const std::string line = process_line(this_process()) + "\n";
  std::minstd_rand random(static_cast<unsigned>(::getpid()) ^ std::random_device()());
  const core::Stopwatch waited;
  double wait = kFirstWait, next_warning = kSecondsBetweenWarnings, unchanged_since = 0;
  std::optional<LockFile> before;
  for (;;) {
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file >= 0) {
      // Where this fails (disk full) the lock holds all the same; it only does not say whose it is.
      [[maybe_unused]] const auto written = ::write(file, line.data(), line.size());
      ::close(file);
      file_ = look_at(path_).value_or(LockFile{});
      return;
    }
    if (errno != EEXIST && errno != EINTR)
      throw core::InputError(fmt::format(
          "cannot create the lock {}: {}. A search writes to its study's folder: mend the permissions "
          "or name another folder.",
          path_.string(), std::strerror(errno)));

    const double now = waited.seconds();
    const auto seen = look_at(path_);
    if (seen != before) unchanged_since = now;
    before = seen;
    if (seen) {
      const auto holder = holder_of(path_);
      const std::string whose = holder ? fmt::format("process {} on {}", holder->pid, holder->host)
                                       : std::string("another process");
      if (holder && is_known_dead(*holder)) {
        if (take_away(path_, journal, *seen))
          core::log::warning("{} was left by {}, which is dead: taken over", path_.string(), whose);
        continue;
      }
      if (now - unchanged_since > options.grace_seconds) {
        if (take_away(path_, journal, *seen))
          core::log::warning("{}, of {}, has not moved for {:g} s: taken over", path_.string(), whose,
                             options.grace_seconds);
        continue;
      }
      if (now > next_warning) {
        core::log::warning("waiting for {} since {:.0f} s; {} holds it", path_.string(), now, whose);
        next_warning = now + kSecondsBetweenWarnings;
      }
    }
    // Uneven waits, so that processes do not try in step.
    std::this_thread::sleep_for(
        std::chrono::duration<double>(std::uniform_real_distribution<>(wait / 2, wait)(random)));
    wait = std::min(2 * wait, kLongestWait);
  }
}

JournalLock::~JournalLock() {
  if (is_held()) remove_lock(path_);
}

bool JournalLock::is_held() const {
  return look_at(path_) == file_;
}

}  // namespace tessera::search
