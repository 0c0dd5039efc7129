// SPDX-License-Identifier: Apache-2.0
#include "crystal/readers/archive_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/core.h>

#include "core/error.hpp"

namespace tessera::crystal {

struct ArchiveReader::Handle {
  archive* reader = archive_read_new();
  int members = 0;

  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { archive_read_free(reader); }

  [[noreturn]] void fail(const std::string& path) const {
    const char* reason = archive_error_string(reader);
    throw core::InputError(fmt::format("{} cannot be read as an archive: {}. Fetch or pack it again.", path,
                                       reason ? reason : "no reason given"));
  }
};

ArchiveReader::ArchiveReader(const std::filesystem::path& path, Kind kind)
    : handle_(std::make_unique<Handle>()), path_(path.string()) {
  archive* const reader = handle_->reader;
  // Named one by one: "all" would start external programs for the formats libarchive lacks.
  archive_read_support_filter_gzip(reader);
  archive_read_support_filter_xz(reader);
  archive_read_support_filter_bzip2(reader);
  archive_read_support_filter_zstd(reader);
  if (kind == Kind::Members) {
    archive_read_support_format_tar(reader);
    archive_read_support_format_zip(reader);
  } else {
    archive_read_support_format_raw(reader);
  }
  constexpr std::size_t kBlock = 1 << 16;
  if (archive_read_open_filename(reader, path_.c_str(), kBlock) != ARCHIVE_OK) handle_->fail(path_);
}

ArchiveReader::~ArchiveReader() = default;

bool ArchiveReader::next() {
  for (;;) {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(handle_->reader, &entry);
    if (result == ARCHIVE_EOF) return false;
    if (result < ARCHIVE_WARN) handle_->fail(path_);
    ++handle_->members;
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    const char* name = archive_entry_pathname(entry);
    // A name outside the locale's letters has no plain form.
    if (!name) name = archive_entry_pathname_utf8(entry);
    name_ = name ? name : fmt::format("member-{}", handle_->members);
    return true;
  }
}

std::size_t ArchiveReader::read(std::span<char> buffer) {
  const la_ssize_t got = archive_read_data(handle_->reader, buffer.data(), buffer.size());
  if (got < 0) handle_->fail(path_);
  return static_cast<std::size_t>(got);
}

}  // namespace tessera::crystal
