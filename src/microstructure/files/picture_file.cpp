// SPDX-License-Identifier: Apache-2.0
// PNG and JPEG through OpenCV. Its decoders hand out what a cut JPEG still held, without a word, and trust a
// header's claims: both are looked at before.
#include <fmt/core.h>

#include <climits>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <optional>
#include <string>

#include "core/file.hpp"
#include "microstructure/files/file_checks.hpp"
#include "microstructure/files/image_pages.hpp"
#include "microstructure/files/picture_header.hpp"

namespace tessera::microstructure {
namespace {

namespace fs = std::filesystem;

// Above deflate's 1032, and above 2 bits for the 64 pixels of an empty JPEG block.
constexpr std::uint64_t kBestRatio = 2048;
// A JPEG's frame may stand behind a camera's description, some 10 kB.
constexpr std::size_t kHeadBytes = 1 << 16;

std::optional<PictureHeader> header_of(std::string_view bytes) {
  if (const auto png = png_header(bytes)) return png;
  return jpeg_outline(bytes).header;
}

template <typename T>
Raster<std::uint16_t> to_grey(const cv::Mat& picture, bool& is_coloured) {
  Raster<std::uint16_t> grey(picture.rows, picture.cols);
  const int channels = picture.channels();
  for (int y = 0; y < picture.rows; ++y) {
    const T* from = picture.ptr<T>(y);
    std::uint16_t* to = grey.row(y);
    if (channels < 3)
      for (int x = 0; x < picture.cols; ++x) to[x] = from[x * channels];
    else  // OpenCV's order is blue, green, red
      for (int x = 0; x < picture.cols; ++x, from += channels) {
        to[x] = luma(from[2], from[1], from[0]);
        is_coloured |= from[0] != from[1] || from[1] != from[2];
      }
  }
  return grey;
}

class Picture : public ImagePages {
 public:
  explicit Picture(const fs::path& path) : path_(path) {
    const auto size = checked_size(path);
    if (size > INT_MAX)  // OpenCV counts a file's bytes with an int
      throw ImageFileError(path, "a PNG or JPEG must have less than 2 GiB. Save it as TIFF.");
    auto header = header_of(first_bytes(path, kHeadBytes));
    if (!header && size > kHeadBytes) header = header_of(core::read_file(path));
    if (!header) fail("its header is cut or damaged");
    check_extent(path, header->height, header->width);
    const auto pixels = static_cast<std::uint64_t>(header->height * header->width);
    check_expansion(path, pixels * static_cast<std::uint64_t>(header->bits_per_pixel) / 8, size, kBestRatio);
    headers_.push_back({.height = static_cast<int>(header->height),
                        .width = static_cast<int>(header->width),
                        .has_colour = header->has_colour});
  }

  Image read(std::size_t) override {
    const std::string bytes = core::read_file(path_);
    if (!png_header(bytes) && !jpeg_outline(bytes).is_whole)
      fail("it is cut: the end of the image is missing");
    is_coloured_ = false;
    const cv::Mat picture = decode(bytes);
    if (picture.rows != headers_[0].height || picture.cols != headers_[0].width)
      fail("its pixels are cut or damaged");
    switch (picture.depth()) {
      case CV_8U: return {.grey = to_grey<std::uint8_t>(picture, is_coloured_), .bits = 8};
      case CV_16U: return {.grey = to_grey<std::uint16_t>(picture, is_coloured_), .bits = 16};
      default: fail("its pixels must have 8 or 16 bits");
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw ImageFileError(path_, what + ". Fetch or save the file again.");
  }

  cv::Mat decode(const std::string& bytes) const {
    try {
      // imdecode only reads; OpenCV has no view of constant bytes.
      const cv::Mat view(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
      return cv::imdecode(view, cv::IMREAD_UNCHANGED);
    } catch (const cv::Exception& error) {
      fail(fmt::format("it cannot be decoded ({})", error.err));
    }
  }

  fs::path path_;
};

}  // namespace

std::unique_ptr<ImagePages> open_picture(const fs::path& path) {
  return std::make_unique<Picture>(path);
}

}  // namespace tessera::microstructure
