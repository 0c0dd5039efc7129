// SPDX-License-Identifier: Apache-2.0
#include "microstructure/files/file_checks.hpp"

#include <fmt/core.h>

#include <fstream>

namespace tessera::microstructure {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{16} << 30;

}  // namespace

std::uint64_t checked_size(const fs::path& file) {
  std::error_code code;
  if (!fs::is_regular_file(file, code))
    throw ImageFileError(file, code ? fmt::format("cannot be read: {}", code.message())
                                    : "it must be a file, and is a folder, device or pipe");
  const std::uint64_t size = fs::file_size(file, code);
  if (code) throw ImageFileError(file, fmt::format("cannot be read: {}", code.message()));
  if (size == 0) throw ImageFileError(file, "it must hold an image, and is empty. Fetch the file again.");
  if (size > kMaxFileBytes)
    throw ImageFileError(file, fmt::format("an image file must be at most {} GiB, and has {}. Split it.",
                                           kMaxFileBytes >> 30, size >> 30));
  return size;
}

std::string first_bytes(const fs::path& file, std::size_t count) {
  std::string bytes(count, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(bytes.data(), static_cast<std::streamsize>(count));
  bytes.resize(static_cast<std::size_t>(stream.gcount()));
  return bytes;
}

void check_extent(const fs::path& file, std::int64_t height, std::int64_t width) {
  if (height < 1 || width < 1)
    throw ImageFileError(file, fmt::format("an image must have a pixel, and has {} × {}", height, width));
  if (height > kMaxPixels / width)
    throw ImageFileError(file, fmt::format("an image must have at most {} pixels, and has {} × {}. Cut it.",
                                           kMaxPixels, height, width));
}

void check_expansion(const fs::path& file, std::uint64_t decoded, std::uint64_t stored,
                     std::uint64_t best_ratio) {
  if (decoded / best_ratio > stored)
    throw ImageFileError(
        file, fmt::format("{} bytes cannot hold the {} that its header tells of. It is cut or damaged: "
                          "fetch the file again.",
                          stored, decoded));
}

}  // namespace tessera::microstructure
