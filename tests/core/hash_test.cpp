// SPDX-License-Identifier: Apache-2.0
#include "core/hash.hpp"

#include <gtest/gtest.h>

#include "core/file.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::core {
namespace {

// FIPS 180-4, example "abc".
constexpr auto kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

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

}  // namespace
}  // namespace tessera::core
