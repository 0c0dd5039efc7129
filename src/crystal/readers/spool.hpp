// SPDX-License-Identifier: Apache-2.0
// The unpacked texts of archives, one behind the other in a plain file, so that any record can be read by
// offset.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string_view>

namespace tessera::crystal {

/// Makes its file at the first append. Errors are DataError naming the file and the reason.
class Spool {
 public:
  explicit Spool(std::filesystem::path path) : path_(std::move(path)) {}
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  void append(std::string_view piece);
  /// Makes what was appended readable through the path.
  void flush();
  std::uint64_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  [[noreturn]] void fail() const;
  std::filesystem::path path_;
  std::FILE* file_ = nullptr;
  std::uint64_t size_ = 0;
};

/// A file's bytes in memory, paged in as they are touched. InputError where it cannot be read.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view text() const { return {data_, size_}; }

 private:
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace tessera::crystal
