// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "microstructure/files/file_checks.hpp"
#include "microstructure/files/image_file.hpp"
#include "microstructure/files/made_images.hpp"
#include "support/expect_error.hpp"
#include "support/python.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::microstructure {
namespace {

using test::bytes_of;
using test::npy_bytes;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NpyFile : public ::testing::Test {
 protected:
  Image read(const std::string& bytes, std::size_t page = 0) {
    test::write_bytes(path_, bytes);
    return read_image(path_, page);
  }
  std::string refusal(const std::string& bytes) {
    return test::message_of<ImageFileError>([&] { read(bytes); });
  }
  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "a.npy";
};

TEST_F(NpyFile, KeepsWholeValuesOfEveryType) {
  const std::string shape = "(2, 3)";
  const auto levels = ElementsAre(0, 1, 2, 3, 4, 250);

  EXPECT_THAT(read(npy_bytes("|u1", shape, bytes_of<std::uint8_t>({0, 1, 2, 3, 4, 250}))).grey.values(),
              levels);
  EXPECT_THAT(read(npy_bytes("<i8", shape, bytes_of<std::int64_t>({0, 1, 2, 3, 4, 250}))).grey.values(),
              levels);
  EXPECT_THAT(read(npy_bytes("<f8", shape, bytes_of<double>({0, 1, 2, 3, 4, 250}))).grey.values(), levels);
  EXPECT_THAT(read(npy_bytes("<f4", shape, bytes_of<float>({0, 1, 2, 3, 4, 250}))).grey.values(), levels);
  EXPECT_THAT(read(npy_bytes(">u2", shape, std::string("\0\0\0\1\0\2\0\3\0\4\0\xfa", 12))).grey.values(),
              levels);
  EXPECT_THAT(read(npy_bytes("|b1", "(1, 2)", std::string("\1\0", 2))).grey.values(), ElementsAre(1, 0));
}

TEST_F(NpyFile, HasTheBitsThatItsValuesNeed) {
  EXPECT_EQ(read(npy_bytes("<i4", "(1, 1)", bytes_of<std::int32_t>({255}))).bits, 8);
  EXPECT_EQ(read(npy_bytes("<i4", "(1, 1)", bytes_of<std::int32_t>({256}))).bits, 16);
  EXPECT_EQ(read(npy_bytes("<u2", "(1, 1)", bytes_of<std::uint16_t>({1}))).bits, 16);
}

TEST_F(NpyFile, SpreadsFractionsOver16Bits) {
  const auto image = read(npy_bytes("<f8", "(1, 4)", bytes_of<double>({0, 0.25, 0.5, 1})));

  EXPECT_THAT(image.grey.values(), ElementsAre(0, 16384, 32768, 65535));
  EXPECT_EQ(image.bits, 16);
}

TEST_F(NpyFile, InFortranOrderIsTurnedRight) {
  const std::string columns = bytes_of<std::uint8_t>({1, 4, 2, 5, 3, 6});

  const auto image = read(npy_bytes("|u1", "(2, 3)", columns, true));

  EXPECT_EQ(image.grey.height(), 2);
  EXPECT_THAT(image.grey.values(), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(NpyFile, OfThreeAxesIsAStackOfSlices) {
  const std::string data = bytes_of<std::uint8_t>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  const auto bytes = npy_bytes("|u1", "(3, 2, 2)", data);

  EXPECT_THAT(read(bytes, 2).grey.values(), ElementsAre(9, 10, 11, 12));
  EXPECT_EQ(list_pages(path_).size(), 3u);
  // Of the first axis fastest: slice 1 holds the values 1, 4, … of the file.
  EXPECT_THAT(read(npy_bytes("|u1", "(3, 2, 2)", data, true), 1).grey.values(), ElementsAre(2, 8, 5, 11));
  EXPECT_THAT(read(npy_bytes("|u1", "(3, 4, 1)", data)).grey.values(),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
}

TEST_F(NpyFile, ThatCannotBeGreyIsRefusedWithTheRemedy) {
  EXPECT_THAT(refusal(npy_bytes("<c8", "(1, 1)", std::string(8, '\0'))), HasSubstr("array.astype('uint8')"));
  EXPECT_THAT(refusal(npy_bytes("|u1", "(4,)", "abcd")), HasSubstr("must have 2 axes"));
  EXPECT_THAT(refusal(npy_bytes("|u1", "(2, 2, 3)", std::string(12, 'a'))), HasSubstr("looks like colours"));
  EXPECT_THAT(refusal(npy_bytes("<i2", "(1, 1)", bytes_of<std::int16_t>({-1}))),
              AllOf(HasSubstr("a.npy"), HasSubstr("reach from -1"), HasSubstr("save as uint8")));
  EXPECT_THAT(refusal(npy_bytes("<i4", "(1, 1)", bytes_of<std::int32_t>({70000}))), HasSubstr("70000"));
  EXPECT_THAT(refusal(npy_bytes("<f4", "(1, 2)", bytes_of<float>({0.5f, 2}))),
              HasSubstr("fractions in [0, 1]"));
  EXPECT_THAT(refusal(npy_bytes("<f8", "(1, 1)", bytes_of<double>({NAN}))), HasSubstr("NaN"));
}

TEST_F(NpyFile, ThatIsCutOrClaimsTooMuchIsRefused) {
  const auto whole = npy_bytes("|u1", "(8, 8)", std::string(64, 'a'));

  for (std::size_t length = 8; length < whole.size(); ++length)
    EXPECT_THAT(refusal(whole.substr(0, length)), HasSubstr("cut or damaged")) << length;
  EXPECT_THAT(refusal(whole + "a"), HasSubstr("64 bytes must follow its header, and 65 do"));
  EXPECT_THAT(refusal(npy_bytes("|u1", "(4294967296, 4294967296)", "")),
              HasSubstr("at most 536870912 pixels"));
  EXPECT_THAT(refusal(npy_bytes("|u1", "(9223372036854775807, 2, 2)", "")), HasSubstr("Split it"));
  EXPECT_THAT(refusal(npy_bytes("|u1", "(0, 5)", "")), HasSubstr("must have a pixel"));
}

TEST_F(NpyFile, OfNumpyItselfIsReadWhateverItsHeadersVersion) {
  const auto result = test::run_python("numpy", R"(import sys, numpy
levels = numpy.arange(6, dtype='>i4').reshape(2, 3)
for name, version in (('one', (1, 0)), ('two', (2, 0)), ('three', (3, 0))):
    with open(sys.argv[1] + '/' + name, 'wb') as file: numpy.lib.format.write_array(file, levels, version)
)",
                                       {folder_.path().string()});
  if (!result) GTEST_SKIP() << "no Python with numpy";
  ASSERT_EQ(result->exit_code, 0) << result->output;

  for (const char* name : {"one", "two", "three"})
    EXPECT_THAT(read_image(folder_ / name).grey.values(), ElementsAre(0, 1, 2, 3, 4, 5)) << name;
}

}  // namespace
}  // namespace tessera::microstructure
