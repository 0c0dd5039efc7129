// SPDX-License-Identifier: Apache-2.0
// Image files by the libraries' own writers, for readers to be held against.
#pragma once

#include <fmt/core.h>
#include <tiffio.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "microstructure/raster.hpp"

namespace tessera::test {

using Grey = microstructure::Raster<std::uint16_t>;

/// Without waiting for the disk, unlike core::write_file_atomically.
inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Levels 0 to `most`, no row or column like another.
inline Grey made_levels(int height, int width, int most, int seed = 0) {
  Grey grey(height, width);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      grey(y, x) =
          static_cast<std::uint16_t>((7919 * (y + 1) * (x + 3) + 104729 * (y + seed) + x * x) % (most + 1));
  return grey;
}

struct TiffOptions {
  int bits = 8;
  int photometric = PHOTOMETRIC_MINISBLACK;
  int compression = COMPRESSION_NONE;
  int tile = 0;  // its edge; 0: strips
  int rows_per_strip = 3;
  bool in_planes = false;
  int sample_format = SAMPLEFORMAT_UINT;
  int subfile = 0;
  float resolution = 0;
  int resolution_unit = RESUNIT_INCH;
  std::string mode = "w";  // "w8" BigTIFF, "wb" big endian
};

/// One page; `channels` are its samples, all of one size.
inline void add_tiff_page(TIFF* tiff, const std::vector<Grey>& channels, const TiffOptions& options) {
  const int height = channels[0].height(), width = channels[0].width();
  const int samples = static_cast<int>(channels.size());
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, options.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples);
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, options.sample_format);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, options.photometric);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, options.compression);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, options.in_planes ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, options.subfile);
  if (options.photometric == PHOTOMETRIC_PALETTE) {
    std::vector<std::uint16_t> map(std::size_t{1} << options.bits, 7);
    TIFFSetField(tiff, TIFFTAG_COLORMAP, map.data(), map.data(), map.data());
  }
  if (options.resolution > 0) {
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, options.resolution);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, options.resolution);
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, options.resolution_unit);
  }
  if (options.tile > 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, options.tile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, options.tile);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, options.rows_per_strip);
  }
  const int block_height = options.tile > 0 ? options.tile : options.rows_per_strip;
  const int block_width = options.tile > 0 ? options.tile : width;
  const int per_block = options.in_planes ? 1 : samples;
  std::uint32_t block = 0;
  for (int plane = 0; plane < (options.in_planes ? samples : 1); ++plane)
    for (int y = 0; y < height; y += block_height)
      for (int x = 0; x < width; x += block_width, ++block) {
        const int rows = options.tile > 0 ? block_height : std::min(block_height, height - y);
        const auto row_bytes = static_cast<std::size_t>((block_width * per_block * options.bits + 7) / 8);
        std::vector<std::uint8_t> bytes(row_bytes * rows);
        for (int row = 0; row < rows && y + row < height; ++row)
          for (int column = 0; column < block_width && x + column < width; ++column)
            for (int k = 0; k < per_block; ++k) {
              const auto level = channels[options.in_planes ? plane : k](y + row, x + column);
              const auto at = static_cast<std::size_t>(column * per_block + k);
              std::uint8_t* line = bytes.data() + row * row_bytes;
              if (options.bits == 1)
                line[at / 8] = static_cast<std::uint8_t>(line[at / 8] | (level != 0) << (7 - at % 8));
              else if (options.bits == 8)
                line[at] = static_cast<std::uint8_t>(level);
              else
                reinterpret_cast<std::uint16_t*>(line)[at] = level;
            }
        const auto size = static_cast<tmsize_t>(bytes.size());
        if (options.tile > 0)
          TIFFWriteEncodedTile(tiff, block, bytes.data(), size);
        else
          TIFFWriteEncodedStrip(tiff, block, bytes.data(), size);
      }
  TIFFWriteDirectory(tiff);
}

inline void write_tiff(const std::filesystem::path& path, const std::vector<std::vector<Grey>>& pages,
                       const TiffOptions& options = {}) {
  TIFF* tiff = TIFFOpen(path.c_str(), options.mode.c_str());
  for (const auto& channels : pages) add_tiff_page(tiff, channels, options);
  TIFFClose(tiff);
}

/// numpy.save's bytes; `shape` as Python writes it.
inline std::string npy_bytes(const std::string& type, const std::string& shape, const std::string& data,
                             bool fortran_order = false) {
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", type,
                                   fortran_order ? "True" : "False", shape);
  header.resize((10 + header.size() + 64) / 64 * 64 - 10, ' ');
  header.back() = '\n';
  const auto length = header.size();
  return std::string("\x93NUMPY\x01", 7) + std::string(1, '\0') + static_cast<char>(length & 255) +
         static_cast<char>(length >> 8) + header + data;
}

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// A JPEG or PNG (by `ending`) of three channels in OpenCV's order, or one.
inline std::string encoded(const std::string& ending, const cv::Mat& pixels) {
  std::vector<std::uint8_t> bytes;
  cv::imencode(ending, pixels, bytes);
  return {bytes.begin(), bytes.end()};
}

}  // namespace tessera::test
