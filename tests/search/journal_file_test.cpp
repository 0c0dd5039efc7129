// SPDX-License-Identifier: Apache-2.0
#include "search/journal_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::search {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(JournalFile, IsReadFromWhereOneLeftOff) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "journal.log";
  EXPECT_FALSE(JournalFile::to_read(path));
  const auto writer = JournalFile::to_append(path);
  const auto reader = JournalFile::to_read(path);
  writer.append("one\n", 0);
  EXPECT_EQ(reader->from(0), "one\n");
  writer.append("two\n", 4);
  writer.flush(4);
  EXPECT_EQ(reader->from(4), "two\n");
  EXPECT_EQ(reader->size(), 8);
  EXPECT_EQ(reader->inode(), writer.inode());
  writer.cut(4);
  EXPECT_EQ(core::read_file(path), "one\n");
}

TEST(JournalFile, WritesAgainWhereOthersHaveWrittenBehind) {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "journal.log";
  const auto file = JournalFile::to_append(path);
  file.append("one\n????three\n", 0);
  file.write_again("two\n", 4);
  EXPECT_EQ(core::read_file(path), "one\ntwo\nthree\n");
}

TEST(JournalFile, AFailedWriteSaysWhatStands) {
  EXPECT_THAT(test::message_of<core::DataError>([] { JournalFile::to_append("/dev/full").append("x\n", 0); }),
              AllOf(HasSubstr("/dev/full: No space left on device. What is torn"), HasSubstr("Free space")));
  // A pipe takes what is written, and has no disk to put it on.
  const test::TemporaryFolder folder;
  const auto pipe = folder.path() / "journal.log";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto file = JournalFile::to_append(pipe);
  file.append("x\n", 0);
  EXPECT_THAT(test::message_of<core::DataError>([&] { file.flush(std::nullopt); }),
              HasSubstr("What was written last is lost if this machine fails now."));
}

// A system that this program knows nothing of counts as one of several hosts.
TEST(JournalFile, OnlyAKnownFileSystemOfOneHostShowsWritesAtOnce) {
  EXPECT_FALSE(JournalFile::to_read("/proc/self/status")->is_seen_at_once());
  const auto shared_memory = JournalFile::to_read("/dev/shm");
  if (!shared_memory) GTEST_SKIP() << "no /dev/shm";
  EXPECT_TRUE(shared_memory->is_seen_at_once());
}

}  // namespace
}  // namespace tessera::search
