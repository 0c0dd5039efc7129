// SPDX-License-Identifier: Apache-2.0
// A file that grows by whole pieces: each has left the process when `append` returns, so a kill costs at most
// the piece being written; after `sync` the node may go too.
#pragma once

#include <filesystem>
#include <string_view>

namespace tessera::report {

class AppendFile {
 public:
  enum class Mode { CreateNew, Continue };

  /// CreateNew refuses a file that exists. Raises DataError naming the file and the system's reason.
  AppendFile(const std::filesystem::path& path, Mode mode);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  void append(std::string_view piece);
  void sync();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace tessera::report
