// SPDX-License-Identifier: Apache-2.0
// A journal's bytes. Opened anew for each use: only so do network file systems show what other hosts wrote.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace tessera::search {

class JournalFile {
 public:
  /// Nothing where there is no such file. Raises InputError where it cannot be read.
  static std::optional<JournalFile> to_read(const std::filesystem::path& path);
  /// Makes it where it is not there. Raises InputError where file or folder cannot be written.
  static JournalFile to_append(const std::filesystem::path& path);

  JournalFile(JournalFile&& other) noexcept;
  JournalFile& operator=(JournalFile&&) = delete;
  ~JournalFile();

  /// The same number in the same life of the file. Raises InputError where it cannot be asked.
  std::uint64_t inode() const;
  std::int64_t size() const;  // bytes
  std::string from(std::int64_t offset) const;

  /// Whether all who read it see what is written before it is on the disk, and put it there with whatever
  /// they write behind, unless the disk fails: so it is in file systems of one host that are known, in those
  /// of a network it is not.
  bool is_seen_at_once() const;

  /// Written behind byte `size`, where the file ends, not yet on the disk. Raises DataError where there is no
  /// room; the file then ends as it did before.
  void append(std::string_view text, std::int64_t size) const;
  /// Returns when all that was written is on the disk. Raises DataError where that fails; the file is cut to
  /// `size_before` bytes then, where nobody can have written behind them.
  void flush(std::optional<std::int64_t> size_before) const;
  /// After a flush that failed, which leaves others to believe that the disk has `text`: writes it at byte
  /// `at` once more, where it stands, and flushes. Raises as flush does.
  void write_again(std::string_view text, std::int64_t at) const;
  void cut(std::int64_t size) const;

 private:
  JournalFile(const std::filesystem::path& path, int flags);
  struct ::stat status() const;
  [[noreturn]] void refuse_reading() const;
  [[noreturn]] void refuse_writing(std::optional<std::int64_t> size_before) const;

  std::filesystem::path path_;
  int number_;
};

}  // namespace tessera::search
