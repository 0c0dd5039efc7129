// SPDX-License-Identifier: Apache-2.0
#include "microstructure/files/png_writer.hpp"

#include <fmt/core.h>

#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <vector>

#include "core/error.hpp"
#include "core/file.hpp"

namespace tessera::microstructure {
namespace {

void write(const std::filesystem::path& path, const cv::Mat& pixels) {
  if (pixels.empty())
    throw core::DataError(fmt::format("{}: an image without a pixel cannot be written", path.string()));
  std::vector<std::uint8_t> bytes;
  if (!cv::imencode(".png", pixels, bytes))
    throw core::DataError(
        fmt::format("{} cannot be encoded as PNG, {} × {} pixels", path.string(), pixels.rows, pixels.cols));
  core::write_file_atomically(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

void write_png(const std::filesystem::path& path, const Image& image) {
  cv::Mat pixels(image.grey.height(), image.grey.width(), image.bits == 8 ? CV_8UC1 : CV_16UC1);
  for (int y = 0; y < pixels.rows; ++y)
    for (int x = 0; x < pixels.cols; ++x) {
      if (image.bits == 8)
        pixels.at<std::uint8_t>(y, x) = static_cast<std::uint8_t>(image.grey(y, x));
      else
        pixels.at<std::uint16_t>(y, x) = image.grey(y, x);
    }
  write(path, pixels);
}

void write_png(const std::filesystem::path& path, const Raster<std::uint8_t>& grey) {
  // imencode only reads; OpenCV has no view of constant pixels.
  write(path, cv::Mat(grey.height(), grey.width(), CV_8UC1, const_cast<std::uint8_t*>(grey.values().data())));
}

void write_png(const std::filesystem::path& path, const Raster<Rgb>& colours) {
  cv::Mat pixels(colours.height(), colours.width(), CV_8UC3);
  for (int y = 0; y < pixels.rows; ++y)
    for (int x = 0; x < pixels.cols; ++x) {
      const auto& [red, green, blue] = colours(y, x);
      pixels.at<cv::Vec3b>(y, x) = {blue, green, red};
    }
  write(path, pixels);
}

}  // namespace tessera::microstructure
