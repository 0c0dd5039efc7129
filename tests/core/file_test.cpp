// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "core/error.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::core {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(AtomicFile, ReplacesTheContentAndLeavesNothingElse) {
  test::TemporaryFolder folder;
  write_file_atomically(folder / "a", "first");
  write_file_atomically(folder / "a", std::string("se\0cond", 7));

  EXPECT_EQ(read_file(folder / "a"), std::string("se\0cond", 7));
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(AtomicFile, AThrowingWriterLeavesTheOldContent) {
  test::TemporaryFolder folder;
  write_file_atomically(folder / "a", "old");

  EXPECT_THROW(replace_file_atomically(folder / "a",
                                       [](const fs::path& temporary) {
                                         std::ofstream(temporary) << "half";
                                         throw DataError("stop");
                                       }),
               DataError);

  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_EQ(files_in(folder.path()), 1u);
}

TEST(AtomicFile, DevicesAndFoldersAreRefusedAndLinksKept) {
  test::TemporaryFolder folder;
  write_file_atomically(folder / "a", "old");
  fs::create_symlink("a", folder / "link");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);

  EXPECT_THAT(test::message_of<InputError>([&] { write_file_atomically(folder / "pipe", "x"); }),
              HasSubstr("must be a file"));
  EXPECT_THROW(write_file_atomically(folder.path(), "x"), InputError);
  write_file_atomically(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "a"), "new");
}

TEST(AtomicFile, AMissingFolderIsNamed) {
  EXPECT_THAT(test::message_of<DataError>([] { write_file_atomically("/nowhere/a", "x"); }),
              HasSubstr("/nowhere/"));
}

TEST(Folder, IsPublishedWhole) {
  test::TemporaryFolder folder;
  make_folder(folder / "work");
  write_file_atomically(folder / "work/a", "x");

  publish_folder(folder / "work", folder / "done");

  EXPECT_EQ(read_file(folder / "done/a"), "x");
  EXPECT_FALSE(fs::exists(folder / "work"));
}

TEST(Symlink, PointsAnewAtOnce) {
  test::TemporaryFolder folder;
  write_file_atomically(folder / "one", "1");
  write_file_atomically(folder / "two", "2");
  replace_symlink(folder / "last", "one");
  replace_symlink(folder / "last", "two");

  EXPECT_EQ(read_file(folder / "last"), "2");
}

}  // namespace
}  // namespace tessera::core
