// SPDX-License-Identifier: Apache-2.0
#include "core/file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.hpp"

namespace tessera::core {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* what, const fs::path& path, int code) {
  throw DataError(fmt::format("cannot {} {}: {}. Free space or mend the permissions, then start again.", what,
                              path.string(), std::strerror(code)));
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags)
      : path_(path), number_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (number_ < 0) fail("open", path_, errno);
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void write(std::string_view content) {
    while (!content.empty()) {
      const ssize_t written = ::write(number_, content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("write", path_, errno);
      content.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  void sync() {
    // Some network file systems refuse fsync on folders with EINVAL; their rename is then as durable as it
    // gets.
    if (::fsync(number_) != 0 && errno != EINVAL) fail("sync", path_, errno);
  }
  void close() {
    if (::close(std::exchange(number_, -1)) != 0) fail("close", path_, errno);
  }

 private:
  fs::path path_;
  int number_;
};

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void sync_folder(const fs::path& folder) {
  Descriptor(folder, O_RDONLY | O_DIRECTORY).sync();
}

fs::path temporary_beside(const fs::path& path) {
  return folder_of(path) / fmt::format(".{}.{}.tmp", path.filename().string(), ::getpid());
}

}  // namespace

std::string read_file(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw InputError(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  std::string content;
  std::string piece(1 << 16, '\0');
  ssize_t got = 0;
  while ((got = ::read(file, piece.data(), piece.size())) > 0)
    content.append(piece, 0, static_cast<std::size_t>(got));
  const int code = errno;
  ::close(file);
  if (got < 0) throw InputError(fmt::format("cannot read {}: {}", path.string(), std::strerror(code)));
  return content;
}

void replace_file_atomically(const fs::path& given, const std::function<void(const fs::path&)>& write) {
  // A link stays a link; and a rename over /dev/stdout would put a file in the device's place.
  std::error_code ignored;
  const fs::path path = fs::is_symlink(given, ignored) ? fs::weakly_canonical(given) : given;
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))
    throw InputError(
        fmt::format("{} must be a file, it is a device, pipe or folder. Name another.", given.string()));
  const fs::path temporary = temporary_beside(path);
  try {
    write(temporary);
    Descriptor written(temporary, O_RDONLY);
    written.sync();
    written.close();
    if (::rename(temporary.c_str(), path.c_str()) != 0) fail("rename to", path, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_folder(folder_of(path));
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  write_file_atomically(path, std::span(&content, 1));
}

void write_file_atomically(const fs::path& path, std::span<const std::string_view> pieces) {
  replace_file_atomically(path, [&](const fs::path& temporary) {
    Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    for (const auto piece : pieces) file.write(piece);
    file.close();
  });
}

void publish_folder(const fs::path& from, const fs::path& to) {
  for (const auto& entry : fs::directory_iterator(from))
    if (entry.is_regular_file()) Descriptor(entry.path(), O_RDONLY).sync();
  sync_folder(from);
  if (::rename(from.c_str(), to.c_str()) != 0) fail("rename to", to, errno);
  sync_folder(folder_of(to));
}

void replace_symlink(const fs::path& link, const fs::path& target) {
  const fs::path temporary = temporary_beside(link);
  ::unlink(temporary.c_str());
  if (::symlink(target.c_str(), temporary.c_str()) != 0) fail("create", link, errno);
  if (::rename(temporary.c_str(), link.c_str()) != 0) fail("rename to", link, errno);
  sync_folder(folder_of(link));
}

void make_folder(const fs::path& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code || !fs::is_directory(path))
    throw InputError(fmt::format("cannot make the folder {}: {}", path.string(),
                                 code ? code.message() : "a file is in the way"));
}

}  // namespace tessera::core
