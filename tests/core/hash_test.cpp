// SPDX-License-Identifier: Apache-2.0
#include "core/hash.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/file.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::core {
namespace {

// FIPS 180-4, example "abc".
constexpr auto kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Base64, IsThatOfTheStandard) {
  // RFC 4648, section 10.
  EXPECT_EQ(base64_of(""), "");
  EXPECT_EQ(base64_of("f"), "Zg==");
  EXPECT_EQ(base64_of("fo"), "Zm8=");
  EXPECT_EQ(base64_of("foo"), "Zm9v");
  EXPECT_EQ(base64_of("foobar"), "Zm9vYmFy");
}

TEST(Sha256, GivesThePublishedVector) {
  EXPECT_EQ(sha256_of("abc"), kAbc);
}

TEST(Sha256, IsTheSameFedInPieces) {
  Sha256 hash;
  hash.update("a");
  hash.update("bc");

  EXPECT_EQ(hash.hex(), kAbc);
}

TEST(Sha256, OfAFileIsThatOfItsContent) {
  test::TemporaryFolder folder;
  const std::string content(3'000'000, 'x');
  write_file_atomically(folder / "a", content);

  EXPECT_EQ(sha256_of_file(folder / "a"), sha256_of(content));
}

TEST(Sha256, OfWhatCannotBeReadToItsEndIsAnInputErrorNotAHash) {
  test::TemporaryFolder folder;

  EXPECT_THAT(test::message_of<InputError>([&] { sha256_of_file(folder.path()); }),
              testing::HasSubstr(folder.path().string() + ": Is a directory"));
  // Opens, and gives EIO at its first page, as a failing disk does.
  EXPECT_THAT(test::message_of<InputError>([] { sha256_of_file("/proc/self/mem"); }),
              testing::HasSubstr("cannot read /proc/self/mem: Input/output error"));
}

}  // namespace
}  // namespace tessera::core
