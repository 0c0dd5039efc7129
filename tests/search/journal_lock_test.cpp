// SPDX-License-Identifier: Apache-2.0
// A grace of `kNever` stands for "not by waiting": where the lock is not taken over as it should be, the test
// hangs until ctest ends it.
#include "search/journal_lock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "child_process.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "search/process.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::search {
namespace {

namespace fs = std::filesystem;

constexpr double kNever = 1e9;

class JournalLockTest : public testing::Test {
 protected:
  test::TemporaryFolder folder;
  fs::path journal = folder / "journal.log";
  fs::path lock_file = folder / "journal.log.lock";

  bool nothing_is_left() const {
    for (const auto& entry : fs::directory_iterator(folder.path()))
      if (entry.path() != journal) return false;
    return true;
  }
};

TEST(ProcessTest, IsReadBackAndKnownDeadOnlyOnItsOwnHost) {
  const Process here = this_process();
  EXPECT_EQ(process_from_line(process_line(here)), here);
  EXPECT_FALSE(process_from_line("host kernel 12"));
  EXPECT_FALSE(process_from_line("host kernel twelve 3"));
  EXPECT_FALSE(is_known_dead(here));
  Process gone = here;
  gone.started -= 1;  // an earlier process of the same id
  EXPECT_TRUE(is_known_dead(gone));
  gone.kernel = "another";
  EXPECT_FALSE(is_known_dead(gone));
  gone = here;
  ChildProcess child([] {});
  gone.pid = child.pid();
  child.wait();
  EXPECT_TRUE(is_known_dead(gone));
  gone.host = "another";
  EXPECT_FALSE(is_known_dead(gone));
}

TEST_F(JournalLockTest, LeavesNothingBehind) {
  {
    const JournalLock lock(journal);
    EXPECT_TRUE(lock.is_held());
    EXPECT_EQ(process_from_line(core::read_file(lock_file)), this_process());
  }
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(JournalLockTest, ALivingProcessIsWaitedFor) {
  const Pipe held, go_on;
  ChildProcess child([&] {
    const JournalLock lock(journal);
    held.send('h');
    go_on.receive();
    core::write_file_atomically(folder / "journal.log", "done");
  });
  ASSERT_EQ(held.receive(), 'h');
  go_on.send('g');
  const JournalLock lock(journal, {kNever});
  EXPECT_EQ(core::read_file(journal), "done");
  EXPECT_EQ(child.wait(), 0);
}

TEST_F(JournalLockTest, AKilledProcessIsFollowedAtOnce) {
  const Pipe held;
  ChildProcess child([&] {
    const JournalLock lock(journal);
    held.send('h');
    ::pause();
  });
  ASSERT_EQ(held.receive(), 'h');
  child.kill();
  ASSERT_TRUE(fs::exists(lock_file));
  { const JournalLock lock(journal, {kNever}); }
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(JournalLockTest, AnotherHostsIsTakenAfterTheGrace) {
  core::write_file_atomically(lock_file, "elsewhere kernel 1 1\n");
  testing::internal::CaptureStderr();
  { const JournalLock lock(journal, {0.01}); }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("process 1 on elsewhere"));
  EXPECT_TRUE(nothing_is_left());
}

TEST_F(JournalLockTest, OptunasLinksAreTakenAfterTheGrace) {
  core::write_file_atomically(journal, "");
  for (const fs::path& target : {journal, fs::path("not/there/from/here")}) {
    fs::create_symlink(target, lock_file);
    { const JournalLock lock(journal, {0.01}); }
    EXPECT_TRUE(nothing_is_left());
    EXPECT_TRUE(fs::exists(journal));
  }
}

TEST_F(JournalLockTest, TellsThatItWasTakenAwayAndLeavesTheNextOnesAlone) {
  {
    const JournalLock lock(journal);
    fs::remove(lock_file);
    EXPECT_FALSE(lock.is_held());
    core::write_file_atomically(lock_file, "elsewhere kernel 1 1\n");
    EXPECT_FALSE(lock.is_held());
  }
  EXPECT_TRUE(fs::exists(lock_file));
}

TEST_F(JournalLockTest, AFolderThatIsNotThereIsNamed) {
  EXPECT_THAT(test::message_of<core::InputError>([&] { const JournalLock lock(folder / "none" / "j.log"); }),
              testing::AllOf(testing::HasSubstr("none/j.log.lock"), testing::HasSubstr("No such file")));
}

}  // namespace
}  // namespace tessera::search
