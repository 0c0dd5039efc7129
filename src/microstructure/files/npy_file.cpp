// SPDX-License-Identifier: Apache-2.0
// NPY as numpy.lib.format describes it: a magic word, a Python dict as header, the array's bytes. Other
// readers of it are Python.
#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <regex>
#include <string>

#include "core/file.hpp"
#include "core/text.hpp"
#include "microstructure/files/file_checks.hpp"
#include "microstructure/files/image_pages.hpp"

namespace tessera::microstructure {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxHeaderBytes = 1 << 16;  // numpy itself reads 10 000 unless told otherwise
constexpr int kMaxGrey = 65535;

struct NpyHeader {
  char byte_order = '|', kind = 'u';  // as in descr: '<u2' → '<', 'u'
  std::size_t item_bytes = 1;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
  std::size_t data_begin = 0;
};

std::optional<std::string> capture(const std::string& text, const char* pattern) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex(pattern))) return std::nullopt;
  return match[1].str();
}

// Nothing where the bytes hold no such header.
std::optional<NpyHeader> parse_header(std::string_view bytes) {
  if (bytes.size() < 12) return std::nullopt;
  const auto byte = [&](std::size_t at) { return std::size_t{static_cast<unsigned char>(bytes[at])}; };
  const bool is_short = byte(6) == 1;  // version 1 counts the header's bytes in two
  const std::size_t begin = is_short ? 10 : 12;
  const std::size_t length = byte(8) | byte(9) << 8 | (is_short ? 0 : byte(10) << 16 | byte(11) << 24);
  if (length > bytes.size() - begin) return std::nullopt;
  const std::string dict(bytes.substr(begin, length));
  const auto type = capture(dict, "'descr': *'([<>|=][a-z][0-9]{1,2})'");
  const auto order = capture(dict, "'fortran_order': *(True|False)");
  const auto shape = capture(dict, "'shape': *\\(([0-9, ]*)\\)");
  if (!type || !order || !shape) return std::nullopt;
  NpyHeader header{.byte_order = type->at(0),
                   .kind = type->at(1),
                   .item_bytes = static_cast<std::size_t>(*core::parse_integer(type->substr(2))),
                   .fortran_order = *order == "True",
                   .shape = {},
                   .data_begin = begin + length};
  for (const auto word : core::split(*shape, ',')) {
    if (core::trim(word).empty()) continue;  // behind the last comma of "(64,)"
    const auto extent = core::parse_integer(word);
    if (!extent) return std::nullopt;
    header.shape.push_back(*extent);
  }
  return header;
}

template <typename T>
double value_at(const char* bytes, bool swap) {
  std::array<char, sizeof(T)> item;
  std::memcpy(item.data(), bytes, sizeof(T));
  if (swap) std::reverse(item.begin(), item.end());
  return static_cast<double>(std::bit_cast<T>(item));
}

using ValueAt = double (*)(const char*, bool);

// Nothing for a type that is not read.
ValueAt value_reader(char kind, std::size_t bytes) {
  switch (kind) {
    case 'b': return bytes == 1 ? value_at<std::uint8_t> : nullptr;
    case 'u':
    case 'i':
      if (bytes == 1) return kind == 'u' ? value_at<std::uint8_t> : value_at<std::int8_t>;
      if (bytes == 2) return kind == 'u' ? value_at<std::uint16_t> : value_at<std::int16_t>;
      if (bytes == 4) return kind == 'u' ? value_at<std::uint32_t> : value_at<std::int32_t>;
      if (bytes == 8) return kind == 'u' ? value_at<std::uint64_t> : value_at<std::int64_t>;
      return nullptr;
    case 'f': return bytes == 4 ? value_at<float> : bytes == 8 ? value_at<double> : nullptr;
    default: return nullptr;
  }
}

class Npy : public ImagePages {
 public:
  explicit Npy(const fs::path& path) : path_(path) {
    const auto size = checked_size(path);
    const auto header = parse_header(first_bytes(path, kMaxHeaderBytes));
    if (!header) fail("its header is cut or damaged. Save it again by numpy.save.");
    header_ = *header;
    value_at_ = value_reader(header_.kind, header_.item_bytes);
    if (!value_at_)
      fail(fmt::format(
          "its values must be bool, integers, float32 or float64, and are of type '{}{}'. Convert "
          "them: array.astype('uint8').",
          header_.kind, header_.item_bytes));
    set_shape();
    const auto wanted = header_.data_begin + pages_ * height_ * width_ * header_.item_bytes;
    if (size != wanted)
      fail(fmt::format(
          "{} bytes must follow its header, and {} do. It is cut or damaged: fetch the file again.",
          wanted - header_.data_begin, size - header_.data_begin));
    headers_.assign(pages_, {.height = static_cast<int>(height_), .width = static_cast<int>(width_)});
  }

  Image read(std::size_t page) override {
    if (bytes_.empty()) {
      bytes_ = core::read_file(path_);
      look_at_values();
    }
    Image image{.grey = {static_cast<int>(height_), static_cast<int>(width_)}, .bits = bits_};
    for (std::size_t y = 0; y < height_; ++y)
      for (std::size_t x = 0; x < width_; ++x) {
        const auto at =
            header_.fortran_order ? page + pages_ * (y + height_ * x) : (page * height_ + y) * width_ + x;
        image.grey(static_cast<int>(y), static_cast<int>(x)) =
            static_cast<std::uint16_t>(std::lround(item(at) * scale_));
      }
    return image;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw ImageFileError(path_, reason); }

  // The axes as pages, height, width; an axis of one at either end of three does not count.
  void set_shape() {
    const auto& shape = header_.shape;
    const bool has_last = shape.size() == 3 && shape[2] == 1;
    const std::size_t first = shape.size() == 3 && !has_last ? 1 : 0;
    if (shape.size() != 2 && shape.size() != 3)
      fail(fmt::format("it must have 2 axes (height, width), or 3 (slices, height, width), and has {}",
                       shape.size()));
    if (shape.size() == 3 && (shape[2] == 3 || shape[2] == 4))
      fail(
          fmt::format("its last axis of {} looks like colours. Save grey levels: "
                      "array.mean(axis=2).round().astype('uint8').",
                      shape[2]));
    const std::int64_t pages = first == 1 ? shape[0] : 1;
    check_extent(path_, shape[first], shape[first + 1]);
    // All of them are decoded from one piece of memory.
    if (pages < 1 || pages > kMaxPixels / shape[first] / shape[first + 1])
      fail(fmt::format("it must have 1 to 2^29 pixels in all its slices, and has {} × {} × {}. Split it.",
                       pages, shape[first], shape[first + 1]));
    pages_ = static_cast<std::size_t>(pages);
    height_ = static_cast<std::size_t>(shape[first]);
    width_ = static_cast<std::size_t>(shape[first + 1]);
  }

  double item(std::size_t index) const {
    const bool swap = header_.byte_order == '>';
    return value_at_(bytes_.data() + header_.data_begin + index * header_.item_bytes, swap);
  }

  // How values become grey levels is decided over all slices alike.
  void look_at_values() {
    double least = 0, most = 0;
    bool is_whole = true;
    for (std::size_t i = 0; i < pages_ * height_ * width_; ++i) {
      const double value = item(i);
      if (!std::isfinite(value)) fail("its values must be numbers, and one is NaN or infinite");
      least = std::min(least, value);
      most = std::max(most, value);
      is_whole = is_whole && value == std::floor(value);
    }
    if (least < 0 || most > (is_whole ? kMaxGrey : 1))
      fail(fmt::format(
          "its values must be whole and in [0, 65535], or fractions in [0, 1], and reach from {} to "
          "{}. Scale them and save as uint8 or uint16.",
          least, most));
    scale_ = is_whole ? 1 : kMaxGrey;
    const bool fits_a_byte = is_whole && most <= 255 && header_.item_bytes != 2;
    bits_ = fits_a_byte ? 8 : 16;
  }

  fs::path path_;
  NpyHeader header_;
  ValueAt value_at_ = nullptr;
  std::size_t pages_ = 1, height_ = 0, width_ = 0;
  std::string bytes_;  // the whole file, once a page was read
  double scale_ = 1;
  int bits_ = 8;
};

}  // namespace

std::unique_ptr<ImagePages> open_npy(const fs::path& path) {
  return std::make_unique<Npy>(path);
}

}  // namespace tessera::microstructure
