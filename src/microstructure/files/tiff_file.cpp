// SPDX-License-Identifier: Apache-2.0
// TIFF through libtiff's own calls, strip by strip and tile by tile: its ready-made RGBA reader, which OpenCV
// uses for much, inverts MinIsWhite and loses 16 bits.
#include <fmt/core.h>
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "microstructure/files/file_checks.hpp"
#include "microstructure/files/image_pages.hpp"
#include "microstructure/files/tiff_scale.hpp"

namespace tessera::microstructure {
namespace {

namespace fs = std::filesystem;
using Grey = Raster<std::uint16_t>;

// An empty page in fax coding (CCITT) or Zstandard shrinks by some 30 000.
constexpr std::uint64_t kBestRatio = 1 << 16;
constexpr tmsize_t kMaxAllocation = tmsize_t{4} << 30;

int keep_message(TIFF*, void* kept, const char*, const char* format, va_list values) {
  std::array<char, 300> text{};
  std::vsnprintf(text.data(), text.size(), format, values);
  auto& message = *static_cast<std::string*>(kept);
  if (message.empty()) message = text.data();  // the first is the cause
  return 1;                                    // handled: nothing goes to stderr
}
int keep_silent(TIFF*, void*, const char*, const char*, va_list) {
  return 1;
}

struct Closer {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};

// One directory's tags, as far as reading needs them.
struct Layout {
  std::uint32_t width = 0, height = 0, tile_width = 0, tile_height = 0, rows_per_strip = 0;
  std::uint16_t bits = 1, samples = 1, planar = PLANARCONFIG_CONTIG, photometric = PHOTOMETRIC_MINISBLACK,
                sample_format = SAMPLEFORMAT_UINT, compression = COMPRESSION_NONE;
  bool tiled = false;

  bool has_colour() const { return photometric == PHOTOMETRIC_RGB; }
  int channels() const { return has_colour() ? 3 : 1; }
  bool in_planes() const { return planar == PLANARCONFIG_SEPARATE && samples > 1; }
};

Layout layout_of(TIFF* tiff) {
  Layout layout;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &layout.width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &layout.height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &layout.bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &layout.samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &layout.planar);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &layout.sample_format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &layout.compression);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &layout.rows_per_strip);
  TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &layout.tile_width);
  TIFFGetField(tiff, TIFFTAG_TILELENGTH, &layout.tile_height);
  TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &layout.photometric);
  layout.tiled = TIFFIsTiled(tiff) != 0;
  // libtiff turns the colours of JPEG inside TIFF to RGB when told so.
  if (layout.photometric == PHOTOMETRIC_YCBCR && layout.compression == COMPRESSION_JPEG) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    layout.photometric = PHOTOMETRIC_RGB;
  }
  return layout;
}

// "" where the page can be read, else what it is and what to do.
std::string reason_against(const Layout& layout) {
  const bool is_grey =
      layout.photometric == PHOTOMETRIC_MINISBLACK || layout.photometric == PHOTOMETRIC_MINISWHITE;
  if (layout.photometric == PHOTOMETRIC_PALETTE)
    return "its levels are numbers of a colour table (palette). Save it as grey levels, 8 or 16 bit.";
  if (layout.sample_format == SAMPLEFORMAT_IEEEFP)
    return "its pixels are floats. Save it as 8 or 16 bit grey levels, or as NPY.";
  if (layout.sample_format != SAMPLEFORMAT_UINT && layout.sample_format != SAMPLEFORMAT_VOID)
    return "its pixels are signed or complex numbers. Save it as 8 or 16 bit grey levels.";
  if (!is_grey && !layout.has_colour())
    return fmt::format(
        "its colours are neither grey nor RGB (photometric interpretation {}). Save it as grey "
        "levels, 8 or 16 bit.",
        layout.photometric);
  const bool is_bilevel = layout.bits == 1 && layout.samples == 1 && is_grey;
  if (layout.bits != 8 && layout.bits != 16 && !is_bilevel)
    return fmt::format(
        "its pixels must have 8 or 16 bits, or 1 bit in black and white, and have {}. Save it as "
        "8 or 16 bit grey levels.",
        layout.bits);
  if (layout.samples < layout.channels() || layout.samples > 16)
    return fmt::format("{} samples a pixel do not fit its colours. Save it as grey levels, 8 or 16 bit.",
                       layout.samples);
  return "";
}

double scale_of(TIFF* tiff) {
  TiffResolution resolution;
  std::uint16_t unit = RESUNIT_INCH;
  const char* description = "";
  TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &resolution.x);
  TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &resolution.y);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
  TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &description);
  resolution.unit = unit;
  resolution.description = description;
  return um_per_px(resolution);
}

// A decoded strip or tile, and where it lies in the page.
struct Block {
  std::uint32_t y, x, rows, columns;  // as far as inside the page
  std::size_t bytes_per_row;
  int samples;  // interleaved
};

// Sample `sample` of every pixel of the block.
void copy_samples(const Block& block, const std::vector<std::uint8_t>& bytes, int bits, int sample,
                  Grey& to) {
  for (std::uint32_t row = 0; row < block.rows; ++row) {
    const std::uint8_t* from = bytes.data() + row * block.bytes_per_row;
    std::uint16_t* out = to.row(static_cast<int>(block.y + row)) + block.x;
    for (std::uint32_t column = 0; column < block.columns; ++column) {
      const std::size_t at = std::size_t{column} * block.samples + sample;
      if (bits == 1)
        out[column] = (from[at / 8] >> (7 - at % 8) & 1) != 0 ? 255 : 0;
      else if (bits == 8)
        out[column] = from[at];
      else
        std::memcpy(&out[column], from + 2 * at, 2);
    }
  }
}

class Tiff : public ImagePages {
 public:
  explicit Tiff(const fs::path& path) : path_(path), size_(checked_size(path)) {
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                               TIFFOpenOptionsFree);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), kMaxAllocation);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep_message, &message_);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), keep_silent, nullptr);
    tiff_.reset(TIFFOpenExt(path.c_str(), "r", options.get()));
    if (!tiff_) fail("cannot be read");
    do {
      add_page();
    } while (TIFFReadDirectory(tiff_.get()) != 0);
    if (!message_.empty()) fail("a page cannot be read");
    if (headers_.empty()) fail("it must have a page beside thumbnails, and has none");
  }

  Image read(std::size_t page) override {
    message_.clear();
    const auto directory = directories_[page];
    const auto current = TIFFCurrentDirectory(tiff_.get());
    const bool is_next = current + 1 == directory;
    if (current != directory &&
        (is_next ? TIFFReadDirectory(tiff_.get()) : TIFFSetDirectory(tiff_.get(), directory)) == 0)
      fail(fmt::format("page {} cannot be read", page));
    const Layout layout = layout_of(tiff_.get());
    std::vector<Grey> channels;
    for (int i = 0; i < layout.channels(); ++i)
      channels.emplace_back(static_cast<int>(layout.height), static_cast<int>(layout.width));
    if (layout.tiled)
      read_tiles(layout, channels);
    else
      read_strips(layout, channels);
    is_coloured_ = layout.has_colour() && (channels[0] != channels[1] || channels[1] != channels[2]);
    if (is_coloured_)
      for (std::size_t i = 0; i < channels[0].size(); ++i)
        channels[0].values()[i] =
            luma(channels[0].values()[i], channels[1].values()[i], channels[2].values()[i]);
    return {.grey = std::move(channels[0]),
            .bits = layout.bits == 16 ? 16 : 8,
            .um_per_px = scale_of(tiff_.get())};
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw ImageFileError(path_, fmt::format("{} ({}). It is cut or damaged: fetch the file again.", what,
                                            message_.empty() ? "no reason given" : message_));
  }

  void add_page() {
    std::uint32_t subfile = 0;
    TIFFGetField(tiff_.get(), TIFFTAG_SUBFILETYPE, &subfile);
    if ((subfile & FILETYPE_REDUCEDIMAGE) != 0) return;
    const Layout layout = layout_of(tiff_.get());
    check_extent(path_, layout.height, layout.width);
    const std::string reason = reason_against(layout);
    if (!reason.empty()) throw ImageFileError(path_, reason);
    check_block(layout, TIFFScanlineSize64(tiff_.get()) * layout.height);
    directories_.push_back(TIFFCurrentDirectory(tiff_.get()));
    headers_.push_back({.height = static_cast<int>(layout.height),
                        .width = static_cast<int>(layout.width),
                        .has_colour = layout.has_colour(),
                        .min_is_white = layout.photometric == PHOTOMETRIC_MINISWHITE});
  }

  void check_block(const Layout& layout, std::uint64_t bytes) const {
    check_expansion(path_, bytes, size_, layout.compression == COMPRESSION_NONE ? 1 : kBestRatio);
  }

  // The bytes of strip or tile `index`, `wanted` of them at least.
  template <typename Read>
  void fill(Read read_encoded, std::uint32_t index, tmsize_t wanted, std::vector<std::uint8_t>& bytes) {
    const auto got = read_encoded(tiff_.get(), index, bytes.data(), static_cast<tmsize_t>(bytes.size()));
    if (got < wanted) fail(fmt::format("its pixels end early, in block {}", index));
  }

  void read_strips(const Layout& layout, std::vector<Grey>& channels) {
    const auto rows_per_strip = std::clamp<std::uint32_t>(layout.rows_per_strip, 1, layout.height);
    const auto row_bytes = static_cast<std::size_t>(TIFFScanlineSize64(tiff_.get()));
    std::vector<std::uint8_t> bytes(rows_per_strip * row_bytes);
    const int planes = layout.in_planes() ? layout.channels() : 1;
    for (int plane = 0; plane < planes; ++plane)
      for (std::uint32_t y = 0; y < layout.height; y += rows_per_strip) {
        const auto rows = std::min(rows_per_strip, layout.height - y);
        fill(TIFFReadEncodedStrip, TIFFComputeStrip(tiff_.get(), y, static_cast<std::uint16_t>(plane)),
             static_cast<tmsize_t>(rows * row_bytes), bytes);
        copy(layout, {y, 0, rows, layout.width, row_bytes, samples_in_block(layout)}, plane, bytes, channels);
      }
  }

  void read_tiles(const Layout& layout, std::vector<Grey>& channels) {
    const auto row_bytes = static_cast<std::size_t>(TIFFTileRowSize64(tiff_.get()));
    if (layout.tile_width == 0 || layout.tile_height == 0 || row_bytes == 0) fail("its tiles have no pixels");
    check_extent(path_, layout.tile_height, layout.tile_width);
    check_block(layout, row_bytes * layout.tile_height);
    std::vector<std::uint8_t> bytes(row_bytes * layout.tile_height);
    const int planes = layout.in_planes() ? layout.channels() : 1;
    for (int plane = 0; plane < planes; ++plane)
      for (std::uint32_t y = 0; y < layout.height; y += layout.tile_height)
        for (std::uint32_t x = 0; x < layout.width; x += layout.tile_width) {
          fill(TIFFReadEncodedTile, TIFFComputeTile(tiff_.get(), x, y, 0, static_cast<std::uint16_t>(plane)),
               static_cast<tmsize_t>(bytes.size()), bytes);
          copy(layout,
               {y, x, std::min(layout.tile_height, layout.height - y),
                std::min(layout.tile_width, layout.width - x), row_bytes, samples_in_block(layout)},
               plane, bytes, channels);
        }
  }

  static int samples_in_block(const Layout& layout) { return layout.in_planes() ? 1 : layout.samples; }

  static void copy(const Layout& layout, const Block& block, int plane,
                   const std::vector<std::uint8_t>& bytes, std::vector<Grey>& channels) {
    if (layout.in_planes())
      return copy_samples(block, bytes, layout.bits, 0, channels[static_cast<std::size_t>(plane)]);
    for (std::size_t i = 0; i < channels.size(); ++i)
      copy_samples(block, bytes, layout.bits, static_cast<int>(i), channels[i]);
  }

  fs::path path_;
  std::uint64_t size_;
  std::string message_;  // libtiff's first since the last call
  std::unique_ptr<TIFF, Closer> tiff_;
  std::vector<tdir_t> directories_;  // by page
};

}  // namespace

std::unique_ptr<ImagePages> open_tiff(const fs::path& path) {
  return std::make_unique<Tiff>(path);
}

}  // namespace tessera::microstructure
