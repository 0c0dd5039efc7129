// SPDX-License-Identifier: Apache-2.0
// The members of a .tar, .tar.gz, .tar.xz, .zip … one after the other, or the one content of a compressed
// file, read piece by piece (libarchive). There is no way back: archives are read once, in order.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace tessera::crystal {

class ArchiveReader {
 public:
  enum class Kind { Members, OneCompressedFile };

  /// Everything here raises InputError naming the file and libarchive's reason.
  ArchiveReader(const std::filesystem::path& path, Kind kind);
  ~ArchiveReader();

  /// Goes on to the next regular file; false at the end.
  bool next();
  /// The member's path inside the archive.
  const std::string& name() const { return name_; }
  /// Fills from the member's content; 0 at its end.
  std::size_t read(std::span<char> buffer);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
  std::string path_;
  std::string name_;
};

}  // namespace tessera::crystal
