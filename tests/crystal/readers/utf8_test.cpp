// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/utf8.hpp"

#include <gtest/gtest.h>

#include "crystal/readers/read_error.hpp"

namespace tessera::crystal {
namespace {

const std::string kMark = "\xEF\xBF\xBD";

TEST(Utf8, LeavesWhatIsValid) {
  for (const std::string text : {"", "mp-1", "\xC3\x85", "\xE2\x82\xAC", "\xF0\x9F\x92\x8E", "\xEF\xBF\xBD"})
    EXPECT_EQ(valid_utf8(text), text);
}

TEST(Utf8, MarksEachByteOfNoCharacter) {
  EXPECT_EQ(valid_utf8("4 \xC5"), "4 " + kMark);
  EXPECT_EQ(valid_utf8("\xE9t\xE9"), kMark + "t" + kMark);
  EXPECT_EQ(valid_utf8("\xE2\x82"), kMark + kMark) << "cut off";
  EXPECT_EQ(valid_utf8("\xC0\xAF"), kMark + kMark) << "overlong";
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), kMark + kMark + kMark) << "a surrogate";
  EXPECT_EQ(valid_utf8("\xF5\x80\x80\x80"), kMark + kMark + kMark + kMark) << "beyond Unicode";
}

TEST(Utf8, IsWhatReadErrorsAreIn) {
  const ReadError error("caf\xE9.cif", 3, "got '\xC5'");
  EXPECT_EQ(error.reason(), "got '" + kMark + "'");
  EXPECT_EQ(std::string(error.what()), "caf" + kMark + ".cif:3: got '" + kMark + "'");
}

}  // namespace
}  // namespace tessera::crystal
