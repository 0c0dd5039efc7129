// SPDX-License-Identifier: Apache-2.0
// An index of crystals while it grows: entries come in the order of the inputs, and finish() sorts them,
// tells duplicates apart and makes all names UTF-8. It knows nothing of the inputs' formats.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "crystal/readers/source.hpp"
#include "crystal/readers/spool.hpp"

namespace tessera::crystal {

/// Where a text lies: a plain file, or a part of one.
struct TextPlace {
  std::filesystem::path file;
  std::uint64_t offset = 0;
  std::uint64_t length = SourceEntry::kWholeFile;
};

class SourceCollector {
 public:
  explicit SourceCollector(const std::filesystem::path& spool) : spool_(spool) {}

  /// The new entry; it stands until the next is added.
  SourceEntry& add(std::string id, std::string source);
  void add_broken(const std::string& id, const std::string& source, const std::string& reason, int line = 0);
  /// Adds one of many: what ReadError or InputError says is wrong with it is listed, and the others stand.
  void add_or_list(const std::string& id, const std::string& source, const std::function<void()>& add_one);
  void place(SourceEntry& entry, const TextPlace& text);
  std::size_t num_entries() const { return index_.entries.size(); }
  SourceEntry& last_entry() { return index_.entries.back(); }

  /// The column of that name, a new one if need be.
  std::size_t target_column(const std::string& name);
  /// What is not finite is missing.
  static void set_target(SourceEntry& entry, std::size_t column, double value);
  void skip_column(const std::string& name);
  /// A file that may hold crystals or targets, and is not read: finish() warns of it.
  void skip_file(std::string source) { skipped_files_.push_back(std::move(source)); }

  /// Takes what has no random access.
  Spool& spool() { return spool_; }

  /// Hands the index out; the collector is then spent.
  SourceIndex finish();

 private:
  void warn_of_skipped_files() const;
  void make_valid();
  void mark_duplicates();
  SourceIndex index_;
  Spool spool_;
  std::vector<std::string> skipped_files_;
};

}  // namespace tessera::crystal
