// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/file.hpp"
#include "microstructure/files/file_checks.hpp"
#include "microstructure/files/image_file.hpp"
#include "microstructure/files/made_images.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::microstructure {
namespace {

using test::made_levels;
using test::TiffOptions;
using ::testing::AllOf;
using ::testing::HasSubstr;

class TiffFile : public ::testing::Test {
 protected:
  Image read(const std::vector<test::Grey>& channels, const TiffOptions& options) {
    test::write_tiff(path_, {channels}, options);
    return read_image(path_);
  }
  std::string refusal() {
    return test::message_of<ImageFileError>([&] { read_image(path_); });
  }
  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "a.tif";
};

TEST_F(TiffFile, KeepsEveryLevelInStripsAndTilesOfEachDepthOrderAndCompression) {
  for (const int bits : {8, 16})
    for (const int tile : {0, 16})
      for (const char* mode : {"w", "wb", "w8"})
        for (const int compression : {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE}) {
          const auto levels = made_levels(37, 53, (1 << bits) - 1);

          const auto image =
              read({levels}, {.bits = bits, .compression = compression, .tile = tile, .mode = mode});

          EXPECT_EQ(image.grey, levels)
              << bits << " bits, tile " << tile << ", " << mode << ", " << compression;
          EXPECT_EQ(image.bits, bits);
        }
}

TEST_F(TiffFile, OfOneStripForAllRowsIsRead) {
  const auto levels = made_levels(9, 5, 255);

  EXPECT_EQ(read({levels}, {.rows_per_strip = 9}).grey, levels);
}

TEST_F(TiffFile, TaggedMinIsWhiteIsReadAsStoredAndSaysSo) {
  const auto levels = made_levels(8, 8, 255);

  const auto image = read({levels}, {.photometric = PHOTOMETRIC_MINISWHITE});

  EXPECT_EQ(image.grey, levels);
  EXPECT_TRUE(list_pages(path_)[0].min_is_white);
}

TEST_F(TiffFile, OfOneBitIs0And255) {
  const auto bits = made_levels(11, 19, 1);
  auto expected = bits;
  for (auto& level : expected.values()) level = level ? 255 : 0;

  EXPECT_EQ(read({bits}, {.bits = 1}).grey, expected);
  EXPECT_EQ(read({bits}, {.bits = 1, .photometric = PHOTOMETRIC_MINISWHITE}).grey, expected);
}

TEST_F(TiffFile, InColourBecomesGreyByLumaInterleavedAndInPlanes) {
  const std::vector<test::Grey> channels = {made_levels(20, 33, 255, 1), made_levels(20, 33, 255, 2),
                                            made_levels(20, 33, 255, 3)};

  for (const bool in_planes : {false, true})
    for (const int tile : {0, 16}) {
      const auto image =
          read(channels, {.photometric = PHOTOMETRIC_RGB, .tile = tile, .in_planes = in_planes});

      for (int y = 0; y < 20; ++y)
        for (int x = 0; x < 33; ++x)
          EXPECT_EQ(image.grey(y, x), std::lround(0.299 * channels[0](y, x) + 0.587 * channels[1](y, x) +
                                                  0.114 * channels[2](y, x)));
      EXPECT_TRUE(list_pages(path_)[0].has_colour);
    }
}

TEST_F(TiffFile, OfEqualColoursKeepsTheLevel) {
  const auto levels = made_levels(16, 16, 65535);

  EXPECT_EQ(read({levels, levels, levels}, {.bits = 16, .photometric = PHOTOMETRIC_RGB}).grey, levels);
}

TEST_F(TiffFile, HasAnImageForEachPageInAnyOrder) {
  std::vector<std::vector<test::Grey>> pages;
  for (int page = 0; page < 5; ++page) pages.push_back({made_levels(4 + page, 6, 255, page)});
  test::write_tiff(path_, pages);

  ImageReader reader;
  ASSERT_EQ(reader.headers(path_).size(), 5u);
  for (const std::size_t page : {4, 0, 1, 2, 2, 0, 3}) {
    EXPECT_EQ(reader.headers(path_)[page].height, 4 + static_cast<int>(page));
    EXPECT_EQ(reader.read(path_, page).grey, pages[page][0]) << page;
  }
  EXPECT_THAT(test::message_of<ImageFileError>([&] { reader.read(path_, 5); }),
              HasSubstr("page 5 was asked for"));
}

TEST_F(TiffFile, LeavesThumbnailsOut) {
  TIFF* tiff = TIFFOpen(path_.c_str(), "w");
  test::add_tiff_page(tiff, {made_levels(2, 2, 255)}, {.subfile = FILETYPE_REDUCEDIMAGE});
  test::add_tiff_page(tiff, {made_levels(7, 7, 255)}, {});
  TIFFClose(tiff);

  ASSERT_EQ(list_pages(path_).size(), 1u);
  EXPECT_EQ(read_image(path_).grey, made_levels(7, 7, 255));
}

TEST_F(TiffFile, TellsTheScaleOfItsResolutionTags) {
  const auto levels = made_levels(4, 4, 255);

  EXPECT_NEAR(read({levels}, {.resolution = 50'800}).um_per_px, 0.5, 1e-6);
  EXPECT_NEAR(read({levels}, {.resolution = 50'000, .resolution_unit = RESUNIT_CENTIMETER}).um_per_px, 0.2,
              1e-6);
  EXPECT_TRUE(std::isnan(read({levels}, {}).um_per_px));
}

TEST_F(TiffFile, OfAKindThatIsNotReadIsRefusedWithTheRemedy) {
  const auto levels = made_levels(4, 4, 255);

  test::write_tiff(path_, {{levels}}, {.photometric = PHOTOMETRIC_PALETTE});
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("a.tif"), HasSubstr("palette"), HasSubstr("Save it as grey levels")));
  test::write_tiff(path_, {{levels}}, {.bits = 16, .sample_format = SAMPLEFORMAT_IEEEFP});
  EXPECT_THAT(refusal(), HasSubstr("its pixels are floats"));
  test::write_tiff(path_, {{levels}}, {.sample_format = SAMPLEFORMAT_INT});
  EXPECT_THAT(refusal(), HasSubstr("signed"));
  test::write_tiff(path_, {{levels}}, {.photometric = PHOTOMETRIC_CIELAB});
  EXPECT_THAT(refusal(), HasSubstr("neither grey nor RGB"));
}

TEST_F(TiffFile, CutAnywhereIsRefused) {
  test::write_tiff(path_, {{made_levels(16, 16, 255)}, {made_levels(16, 16, 255)}});
  const auto whole = core::read_file(path_);
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    test::write_bytes(path_, whole.substr(0, length));
    EXPECT_THAT(test::message_of<ImageFileError>([&] {
                  ImageReader reader;
                  for (std::size_t page = 0; page < reader.headers(path_).size(); ++page)
                    reader.read(path_, page);
                  if (reader.headers(path_).size() < 2) throw ImageFileError(path_, "a page is lost");
                }),
                HasSubstr("a.tif"))
        << length;
  }
}

}  // namespace
}  // namespace tessera::microstructure
