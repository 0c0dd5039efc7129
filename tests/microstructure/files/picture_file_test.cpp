// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "microstructure/files/file_checks.hpp"
#include "microstructure/files/image_file.hpp"
#include "microstructure/files/made_images.hpp"
#include "microstructure/files/png_writer.hpp"
#include "support/expect_error.hpp"
#include "support/temporary_folder.hpp"

namespace tessera::microstructure {
namespace {

using test::encoded;
using test::made_levels;
using ::testing::AllOf;
using ::testing::HasSubstr;

class PictureFile : public ::testing::Test {
 protected:
  Image read(const std::string& bytes) {
    test::write_bytes(path_, bytes);
    return read_image(path_);
  }
  std::string refusal(const std::string& bytes) {
    return test::message_of<ImageFileError>([&] { read(bytes); });
  }
  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "a.png";
};

// Blue, green, red of a picture in which every channel goes its own way.
cv::Mat made_colours(int type) {
  cv::Mat pixels(16, 24, type);
  for (int y = 0; y < 16; ++y)
    for (int x = 0; x < 24; ++x)
      for (int k = 0; k < pixels.channels(); ++k)
        pixels.ptr<std::uint8_t>(y)[x * pixels.channels() + k] =
            static_cast<std::uint8_t>(40 * k + 5 * y + 3 * x);
  return pixels;
}

TEST_F(PictureFile, WrittenAsPngIsReadWithEveryLevel) {
  for (const int bits : {8, 16}) {
    const Image image{.grey = made_levels(31, 17, (1 << bits) - 1), .bits = bits};

    write_png(path_, image);

    EXPECT_EQ(read_image(path_).grey, image.grey);
    EXPECT_EQ(read_image(path_).bits, bits);
    EXPECT_FALSE(list_pages(path_)[0].has_colour);
  }
}

TEST_F(PictureFile, OfAMaskIsWrittenAsGreyAndOfColoursInTheirOrder) {
  Raster<std::uint8_t> mask(3, 5, 7);
  mask(2, 4) = 255;
  write_png(path_, mask);
  const Image read_back = read_image(path_);
  EXPECT_EQ(read_back.grey(0, 0), 7);
  EXPECT_EQ(read_back.grey(2, 4), 255);

  write_png(path_, Raster<Rgb>(2, 2, Rgb{200, 100, 50}));
  const auto pixels = cv::imread(path_.string(), cv::IMREAD_UNCHANGED);
  EXPECT_EQ(pixels.at<cv::Vec3b>(1, 1), cv::Vec3b(50, 100, 200)) << "OpenCV's order is blue, green, red";
}

TEST_F(PictureFile, WithoutAPixelIsNotWritten) {
  EXPECT_THAT(test::message_of<core::DataError>([&] { write_png(path_, Image{}); }),
              HasSubstr("without a pixel"));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(PictureFile, InColourBecomesGreyByLumaAndItsAlphaIsLeftAside) {
  for (const int type : {CV_8UC3, CV_8UC4}) {
    const auto pixels = made_colours(type);

    const auto image = read(encoded(".png", pixels));

    EXPECT_TRUE(list_pages(path_)[0].has_colour);
    for (int y = 0; y < pixels.rows; ++y)
      for (int x = 0; x < pixels.cols; ++x) {
        const auto* pixel = pixels.ptr<std::uint8_t>(y) + x * pixels.channels();
        EXPECT_EQ(image.grey(y, x), std::lround(0.299 * pixel[2] + 0.587 * pixel[1] + 0.114 * pixel[0]));
      }
  }
}

TEST_F(PictureFile, OfEqualColoursKeepsTheLevel) {
  cv::Mat pixels(1, 256, CV_8UC3);
  for (int x = 0; x < 256; ++x) pixels.at<cv::Vec3b>(0, x) = cv::Vec3b::all(static_cast<std::uint8_t>(x));

  const auto image = read(encoded(".png", pixels));

  for (int x = 0; x < 256; ++x) EXPECT_EQ(image.grey(0, x), x);
}

TEST_F(PictureFile, TellsWhetherAPixelWasNoGrey) {
  cv::Mat pixels(2, 2, CV_8UC3, cv::Scalar(9, 9, 9));
  ImageReader reader;
  test::write_bytes(path_, encoded(".png", pixels));
  reader.read(path_);
  EXPECT_FALSE(reader.was_coloured());
  pixels.at<cv::Vec3b>(1, 1)[0] = 8;
  test::write_bytes(folder_ / "b.png", encoded(".png", pixels));
  reader.read(folder_ / "b.png");
  EXPECT_TRUE(reader.was_coloured());
  const auto grey = made_levels(2, 2, 255), other = made_levels(2, 2, 255, 1);
  test::write_tiff(folder_ / "c.tif", {{grey, grey, grey}, {grey, grey, other}},
                   {.photometric = PHOTOMETRIC_RGB});
  reader.read(folder_ / "c.tif", 0);
  EXPECT_FALSE(reader.was_coloured());
  reader.read(folder_ / "c.tif", 1);
  EXPECT_TRUE(reader.was_coloured());
}

TEST_F(PictureFile, AsJpegIsToldByItsBytesNotItsName) {
  cv::Mat pixels(20, 30, CV_8UC1, cv::Scalar(100));

  const auto image = read(encoded(".jpg", pixels));  // into a.png

  EXPECT_EQ(image.grey, test::Grey(20, 30, 100));
  EXPECT_FALSE(list_pages(path_)[0].has_colour);
  read(encoded(".jpg", made_colours(CV_8UC3)));
  EXPECT_TRUE(list_pages(path_)[0].has_colour);
}

TEST_F(PictureFile, CutAnywhereIsRefused) {
  for (const char* ending : {".png", ".jpg"}) {
    const auto whole = encoded(ending, made_colours(CV_8UC3));
    read(whole);
    // PNG's last 12 bytes hold nothing, and a JPEG's last 2 are its end.
    const std::size_t end = whole.size() - (ending == std::string(".png") ? 12 : 0);
    for (std::size_t length = 0; length < end; length += 5)
      EXPECT_THAT(refusal(whole.substr(0, length)), HasSubstr("a.png")) << ending << " " << length;
  }
}

TEST_F(PictureFile, WithADamagedBytePngIsRefused) {
  auto bytes = encoded(".png", made_colours(CV_8UC3));
  bytes[bytes.size() / 2] ^= 1;

  EXPECT_THAT(refusal(bytes), AllOf(HasSubstr("cut or damaged"), HasSubstr("Fetch or save the file again")));
}

TEST_F(PictureFile, WhoseHeaderClaimsMoreThanItsBytesCanHoldIsRefusedBeforeAnyMemoryIsTaken) {
  auto bytes = encoded(".png", made_colours(CV_8UC1));
  bytes[16] = 0, bytes[17] = 0, bytes[18] = 0x50, bytes[19] = 0;  // width 20 480
  bytes[22] = 0x50;                                               // height 20 480 and some

  EXPECT_THAT(refusal(bytes), HasSubstr("cannot hold"));
  bytes[17] = 1;
  bytes[21] = 1;
  EXPECT_THAT(refusal(bytes), HasSubstr("at most 536870912 pixels"));
}

TEST_F(PictureFile, OfNoKnownKindIsRefused) {
  EXPECT_THAT(refusal("GIF89a-and-more"), HasSubstr("must be PNG, JPEG, TIFF or NPY"));
  EXPECT_THAT(refusal(""), HasSubstr("is empty"));
  EXPECT_THAT(test::message_of<ImageFileError>([&] { list_pages(folder_ / "absent.png"); }),
              HasSubstr("No such file"));
  EXPECT_THAT(test::message_of<ImageFileError>([&] { list_pages(folder_.path()); }),
              HasSubstr("is a folder"));
}

TEST(ImageEnding, IsKnownInAnyCase) {
  for (const char* name : {"a.png", "b.TIF", "c.tiff", "d.JPG", "e.jpeg", "f.npy"})
    EXPECT_TRUE(has_image_ending(name));
  for (const char* name : {"a.txt", "png", "a.png.bak", ".png"}) EXPECT_FALSE(has_image_ending(name));
}

}  // namespace
}  // namespace tessera::microstructure
