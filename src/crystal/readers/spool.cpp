// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/spool.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.hpp"

namespace tessera::crystal {

Spool::~Spool() {
  if (file_) std::fclose(file_);
}

void Spool::fail() const {
  throw core::DataError(
      fmt::format("cannot write {}: {}. Free space or mend the permissions, then start again.",
                  path_.string(), std::strerror(errno)));
}

void Spool::append(std::string_view piece) {
  if (!file_ && !(file_ = std::fopen(path_.c_str(), "wbe"))) fail();
  if (std::fwrite(piece.data(), 1, piece.size(), file_) != piece.size()) fail();
  size_ += piece.size();
}

void Spool::flush() {
  if (file_ && std::fflush(file_) != 0) fail();
}

MappedFile::MappedFile(const std::filesystem::path& path) {
  const auto fail = [&] {
    throw core::InputError(fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  };
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail();
  struct stat status {};
  const bool known = ::fstat(descriptor, &status) == 0;
  void* mapped = nullptr;
  if (known && status.st_size > 0)
    mapped = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
  ::close(descriptor);
  if (!known || mapped == MAP_FAILED) fail();
  data_ = static_cast<const char*>(mapped);
  size_ = static_cast<std::size_t>(status.st_size);
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(const_cast<char*>(data_), size_);
}

}  // namespace tessera::crystal
