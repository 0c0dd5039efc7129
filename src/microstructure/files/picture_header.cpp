// SPDX-License-Identifier: Apache-2.0
#include "microstructure/files/picture_header.hpp"

namespace tessera::microstructure {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n"sv;

int byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}
std::int64_t big_endian(std::string_view bytes, std::size_t at, std::size_t length) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < length; ++i) value = value << 8 | byte_at(bytes, at + i);
  return value;
}

// Samples of a pixel by PNG's colour type: grey, –, RGB, palette, grey and alpha, –, RGB and alpha.
constexpr int kPngSamples[] = {1, 0, 3, 1, 2, 0, 4};
constexpr int kPngColourBit = 2;

// JPEG's markers (ITU-T T.81, table B.1).
constexpr int kEndOfImage = 0xd9, kStartOfScan = 0xda;
bool has_no_segment(int marker) {
  return marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
}
bool is_restart_or_stuffing(int marker) {
  return marker == 0x00 || (marker >= 0xd0 && marker <= 0xd7);
}
bool is_frame(int marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

}  // namespace

std::optional<PictureHeader> png_header(std::string_view bytes) {
  constexpr std::size_t kHeaderEnd = 33;  // signature, IHDR's length, name, 13 bytes and checksum
  if (!bytes.starts_with(kPngSignature) || bytes.size() < kHeaderEnd || bytes.substr(12, 4) != "IHDR")
    return std::nullopt;
  const int type = byte_at(bytes, 25);
  const int samples = type <= 6 ? kPngSamples[type] : 0;
  if (samples == 0) return std::nullopt;
  return PictureHeader{.height = big_endian(bytes, 20, 4),
                       .width = big_endian(bytes, 16, 4),
                       .has_colour = (type & kPngColourBit) != 0,
                       .bits_per_pixel = byte_at(bytes, 24) * samples};
}

JpegOutline jpeg_outline(std::string_view bytes) {
  JpegOutline outline;
  std::size_t at = 2;  // behind the start of the image
  while (at + 1 < bytes.size() && byte_at(bytes, at) == 0xff) {
    const int marker = byte_at(bytes, ++at);
    if (marker == 0xff) continue;  // fill
    ++at;
    if (has_no_segment(marker)) continue;
    if (marker == kEndOfImage) {
      outline.is_whole = true;
      break;
    }
    if (at + 2 > bytes.size()) break;
    const auto length = static_cast<std::size_t>(big_endian(bytes, at, 2));
    if (length < 2 || length > bytes.size() - at) break;
    if (is_frame(marker) && length >= 8)
      outline.header = PictureHeader{.height = big_endian(bytes, at + 3, 2),
                                     .width = big_endian(bytes, at + 5, 2),
                                     .has_colour = byte_at(bytes, at + 7) > 1,
                                     .bits_per_pixel = byte_at(bytes, at + 2) * byte_at(bytes, at + 7)};
    at += length;
    if (marker != kStartOfScan) continue;
    // The coded pixels, up to the next marker that is not theirs.
    while (at + 1 < bytes.size() &&
           (byte_at(bytes, at) != 0xff || is_restart_or_stuffing(byte_at(bytes, at + 1))))
      ++at;
  }
  return outline;
}

}  // namespace tessera::microstructure
