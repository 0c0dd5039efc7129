// SPDX-License-Identifier: Apache-2.0
#include "search/journal_file.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::search {
namespace {

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

// A system that this program knows nothing of counts as one of several hosts.
TEST(JournalFile, OnlyAKnownFileSystemOfOneHostShowsWritesAtOnce) {
  EXPECT_FALSE(JournalFile::to_read("/proc/self/status")->is_seen_at_once());
  const auto shared_memory = JournalFile::to_read("/dev/shm");
  if (!shared_memory) GTEST_SKIP() << "no /dev/shm";
  EXPECT_TRUE(shared_memory->is_seen_at_once());
}

}  // namespace
}  // namespace tessera::search
