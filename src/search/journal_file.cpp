// SPDX-License-Identifier: Apache-2.0
#include "search/journal_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.hpp"

namespace tessera::search {
namespace {

constexpr unsigned long kXfs = 0x58465342, kZfs = 0x2fc12fc1;  // not in every linux/magic.h
constexpr unsigned long kFileSystemsOfOneHost[] = {EXT4_SUPER_MAGIC, kXfs, BTRFS_SUPER_MAGIC,
                                                   F2FS_SUPER_MAGIC, kZfs, TMPFS_MAGIC};

}  // namespace

JournalFile::JournalFile(const std::filesystem::path& path, int flags)
    : path_(path), number_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}

JournalFile::JournalFile(JournalFile&& other) noexcept
    : path_(std::move(other.path_)), number_(std::exchange(other.number_, -1)) {}

JournalFile::~JournalFile() {
  if (number_ >= 0) ::close(number_);
}

std::optional<JournalFile> JournalFile::to_read(const std::filesystem::path& path) {
  JournalFile file(path, O_RDONLY);
  if (file.number_ >= 0) return file;
  if (errno == ENOENT) return std::nullopt;
  file.refuse_reading();
}

JournalFile JournalFile::to_append(const std::filesystem::path& path) {
  JournalFile file(path, O_RDWR | O_CREAT | O_APPEND);
  if (file.number_ < 0)
    throw core::InputError(fmt::format("cannot write {}: {}. Mend the permissions or name another folder.",
                                       path.string(), std::strerror(errno)));
  return file;
}

std::uint64_t JournalFile::inode() const {
  return status().st_ino;
}

std::int64_t JournalFile::size() const {
  return status().st_size;
}

struct ::stat JournalFile::status() const {
  struct ::stat found {};
  if (::fstat(number_, &found) != 0) refuse_reading();
  return found;
}

std::string JournalFile::from(std::int64_t offset) const {
  std::string text;
  std::string piece(std::size_t{1} << 16, '\0');
  for (std::int64_t at = offset;;) {
    const ssize_t got = ::pread(number_, piece.data(), piece.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) refuse_reading();
    if (got == 0) return text;
    text.append(piece, 0, static_cast<std::size_t>(got));
    at += got;
  }
}

bool JournalFile::is_seen_at_once() const {
  struct statfs system {};
  return ::fstatfs(number_, &system) == 0 &&
         std::ranges::find(kFileSystemsOfOneHost, static_cast<unsigned long>(system.f_type)) !=
             std::end(kFileSystemsOfOneHost);
}

void JournalFile::append(std::string_view text, std::int64_t size) const {
  while (!text.empty()) {
    const ssize_t written = ::write(number_, text.data(), text.size());
    if (written >= 0)
      text.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      refuse_writing(size);
  }
}

void JournalFile::flush(std::optional<std::int64_t> size_before) const {
  if (::fsync(number_) != 0) refuse_writing(size_before);
}

void JournalFile::write_again(std::string_view text, std::int64_t at) const {
  const JournalFile file(path_, O_WRONLY);  // not to append, which pwrite would do
  if (file.number_ < 0) refuse_writing(std::nullopt);
  while (!text.empty()) {
    const ssize_t written = ::pwrite(file.number_, text.data(), text.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse_writing(std::nullopt);
    text.remove_prefix(static_cast<std::size_t>(written));
    at += written;
  }
  file.flush(std::nullopt);
}

void JournalFile::cut(std::int64_t size) const {
  if (::ftruncate(number_, size) != 0)
    throw core::DataError(fmt::format("cannot cut {}: {}", path_.string(), std::strerror(errno)));
}

void JournalFile::refuse_reading() const {
  throw core::InputError(fmt::format("cannot read {}: {}", path_.string(), std::strerror(errno)));
}

void JournalFile::refuse_writing(std::optional<std::int64_t> size_before) const {
  const std::string why = std::strerror(errno);
  const std::string what_stands = !size_before ? "What was written last is lost if this machine fails now."
                                  : ::ftruncate(number_, *size_before) == 0
                                      ? "It ends as it did before."
                                      : "What is torn at its end is removed then.";
  throw core::DataError(
      fmt::format("cannot write {}: {}. {} Free space, then start again: the search goes on from there.",
                  path_.string(), why, what_stands));
}

}  // namespace tessera::search
