// SPDX-License-Identifier: Apache-2.0
// What is wrong with one image file, and the bounds that every reader keeps before it allocates: a few bytes
// of a header may claim gigabytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/error.hpp"

namespace tessera::microstructure {

/// Reads "file: reason". The reason stands apart too, as quarantine.csv lists it.
class ImageFileError : public core::DataError {
 public:
  ImageFileError(const std::filesystem::path& file, const std::string& reason)
      : core::DataError(file.string() + ": " + reason), reason_(reason) {}
  const std::string& reason() const { return reason_; }

 private:
  std::string reason_;
};

/// No page has more: 23 170 pixels square, a gigabyte as an Image.
inline constexpr std::int64_t kMaxPixels = std::int64_t{1} << 29;

/// The file's size in bytes. Raises ImageFileError where it is no file, is empty or above 16 GiB.
std::uint64_t checked_size(const std::filesystem::path& file);

/// The first `count` bytes, or all where there are fewer.
std::string first_bytes(const std::filesystem::path& file, std::size_t count);

/// Raises ImageFileError unless both are at least 1 and the page has at most kMaxPixels.
void check_extent(const std::filesystem::path& file, std::int64_t height, std::int64_t width);

/// Raises ImageFileError where `stored` bytes cannot hold `decoded` ones even at the best ratio of the
/// compression: the file is cut, or made to fill the memory.
void check_expansion(const std::filesystem::path& file, std::uint64_t decoded, std::uint64_t stored,
                     std::uint64_t best_ratio);

}  // namespace tessera::microstructure
