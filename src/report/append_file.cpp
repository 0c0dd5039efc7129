// SPDX-License-Identifier: Apache-2.0
#include "report/append_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.hpp"

namespace tessera::report {
namespace {

[[noreturn]] void fail(const char* what, const std::filesystem::path& path) {
  throw core::DataError(fmt::format("cannot {} {}: {}. Free space or mend the permissions, then start again.",
                                    what, path.string(), std::strerror(errno)));
}

}  // namespace

AppendFile::AppendFile(const std::filesystem::path& path, Mode mode)
    : path_(path),
      descriptor_(::open(path.c_str(),
                         O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | (mode == Mode::CreateNew ? O_EXCL : 0),
                         0644)) {
  if (descriptor_ < 0) fail("open", path_);
}

AppendFile::~AppendFile() {
  ::close(descriptor_);
}

void AppendFile::append(std::string_view piece) {
  while (!piece.empty()) {
    const ssize_t written = ::write(descriptor_, piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", path_);
    piece.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AppendFile::sync() {
  if (::fdatasync(descriptor_) != 0 && errno != EINVAL) fail("sync", path_);  // EINVAL: a pipe or /dev/null
}

}  // namespace tessera::report
