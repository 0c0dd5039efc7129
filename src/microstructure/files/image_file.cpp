// SPDX-License-Identifier: Apache-2.0
#include "microstructure/files/image_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/text.hpp"
#include "microstructure/files/file_checks.hpp"
#include "microstructure/files/image_pages.hpp"

namespace tessera::microstructure {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

struct Format {
  std::string_view magic;
  std::unique_ptr<ImagePages> (*open)(const fs::path&);
};
constexpr std::array kFormats = {Format{"\x89PNG\r\n\x1a\n"sv, open_picture},
                                 Format{"\xff\xd8\xff"sv, open_picture},
                                 Format{"II*\0"sv, open_tiff},
                                 Format{"MM\0*"sv, open_tiff},
                                 Format{"II+\0"sv, open_tiff},
                                 Format{"MM\0+"sv, open_tiff},  // BigTIFF
                                 Format{"\x93NUMPY"sv, open_npy}};
constexpr std::array kEndings = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".npy"};

std::unique_ptr<ImagePages> open_pages(const fs::path& path) {
  checked_size(path);
  const auto first = first_bytes(path, 8);
  for (const auto& format : kFormats)
    if (std::string_view(first).starts_with(format.magic)) return format.open(path);
  throw ImageFileError(path,
                       "it must be PNG, JPEG, TIFF or NPY, and begins as none of them. Convert it to one.");
}

}  // namespace

bool has_image_ending(const fs::path& path) {
  return std::find(kEndings.begin(), kEndings.end(), core::lower_case(path.extension().string())) !=
         kEndings.end();
}

std::vector<PageHeader> list_pages(const fs::path& path) {
  return open_pages(path)->headers();
}

struct ImageReader::Open {
  fs::path path;
  std::unique_ptr<ImagePages> pages;
  std::optional<std::size_t> decoded;
  Image image;
};

ImageReader::ImageReader() : open_(std::make_unique<Open>()) {}
ImageReader::~ImageReader() = default;

const std::vector<PageHeader>& ImageReader::headers(const fs::path& path) {
  if (!open_->pages || open_->path != path) {
    *open_ = {};
    open_->pages = open_pages(path);
    open_->path = path;
  }
  return open_->pages->headers();
}

const Image& ImageReader::read(const fs::path& path, std::size_t page) & {
  const std::size_t count = headers(path).size();
  if (page >= count)
    throw ImageFileError(
        path,
        fmt::format("page {} was asked for, and it has {}. It changed since it was indexed.", page, count));
  if (open_->decoded != page) {
    open_->decoded.reset();
    open_->image = open_->pages->read(page);
    open_->decoded = page;
  }
  return open_->image;
}

bool ImageReader::was_coloured() const {
  return open_->pages && open_->pages->is_coloured();
}

Image read_image(const fs::path& path, std::size_t page) {
  ImageReader reader;
  return reader.read(path, page);
}

}  // namespace tessera::microstructure
