// SPDX-License-Identifier: Apache-2.0
// SHA-256 (OpenSSL), as lower-case hex: of bytes, of files, or fed piece by piece.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tessera::core {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text) { update(std::as_bytes(std::span(text))); }
  /// 64 hex digits; ends this hash.
  std::string hex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string sha256_of(std::string_view bytes);

/// RFC 4648, without line breaks.
std::string base64_of(std::string_view bytes);

/// Raises InputError where the file cannot be read to its end.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace tessera::core
