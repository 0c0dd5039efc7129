// SPDX-License-Identifier: Apache-2.0
// Files that are whole or not there: written under a temporary name, flushed to the disk, then renamed.
// Errors name the file and the system's reason (disk full, quota, read-only).
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace tessera::core {

/// The whole content. Raises InputError where it cannot be read.
std::string read_file(const std::filesystem::path& path);

/// Replaces `path` by `content` at once: temporary file beside it, fsync, rename, fsync of the folder.
/// Raises DataError naming the file and the reason; the old content then still stands. Raises InputError
/// where `path` is a device, pipe or folder; what a link points to is replaced, not the link.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);
/// The pieces one behind the other.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::string_view> pieces);

/// For libraries that write files themselves: `write` fills the temporary path it is handed, which is then
/// synced and renamed to `path`; it is removed if `write` throws.
void replace_file_atomically(const std::filesystem::path& path,
                             const std::function<void(const std::filesystem::path&)>& write);

/// Moves a finished folder (all files synced) to its final name, which must not exist, and syncs the parent.
void publish_folder(const std::filesystem::path& from, const std::filesystem::path& to);

/// Points the link at a name beside it, replacing an older link at once.
void replace_symlink(const std::filesystem::path& link, const std::filesystem::path& target);

/// mkdir -p. Raises InputError naming the folder and the reason.
void make_folder(const std::filesystem::path& path);

}  // namespace tessera::core
