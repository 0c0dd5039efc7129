// SPDX-License-Identifier: Apache-2.0
// The lock beside a journal, Optuna's own: whoever creates FILE.lock holds it (storages/journal/_file.py), so
// that Python processes may write to the same journal. Ours says in the file which process holds it: one that
// died on this host is followed at once, any other as Optuna does, when nothing has moved for 30 s.
#pragma once

#include <cstdint>
#include <filesystem>

namespace tessera::search {

/// What tells one lock from the next: an inode's number alone comes again.
struct LockFile {
  std::uint64_t device = 0, inode = 0;
  std::int64_t seconds = 0, nanoseconds = 0;  // of its last change
  bool operator==(const LockFile&) const = default;
};

struct JournalLockOptions {
  double grace_seconds = 30;
};

/// Held from construction to destruction. Waits as long as others hold it; says so every 10 s, and each time
/// it takes the lock of a process that left it behind. Raises InputError where it cannot be created at all
/// (read-only folder), naming it.
class JournalLock {
 public:
  explicit JournalLock(const std::filesystem::path& journal, JournalLockOptions options = {});
  ~JournalLock();
  JournalLock(const JournalLock&) = delete;
  JournalLock& operator=(const JournalLock&) = delete;

  /// False once another took it from us, because this process stood still for longer than the grace.
  bool is_held() const;

 private:
  std::filesystem::path path_;
  LockFile file_;
};

}  // namespace tessera::search
