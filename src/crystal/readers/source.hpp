// SPDX-License-Identifier: Apache-2.0
// Where crystals come from: an index of all records behind the paths a user gave (ids, not contents), and
// access to any record's text. The index is made by one rank and handed to the others; each then reads what
// it needs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crystal/readers/json_records.hpp"
#include "crystal/structure.hpp"

namespace tessera::crystal {

/// Where an input keeps the targets of one of its crystals.
struct OwnTargets {
  std::string source;  // "in/id_prop.csv", "elastic.json.gz:data[17]"
  int line = 0;        // 0: not known
  std::string fault;   // not empty: what stands there is no number
};

/// One record: who it is, and where its text lies. All its texts are valid UTF-8.
struct SourceEntry {
  std::string id;
  std::string source;  // for people: "cifs.tar.xz:cifs/mp-1.cif", "elastic.json.gz:data[17]"
  std::string reason;  // not empty: it cannot be used, and why (duplicate id, no structure, no file)
  int line = 0;        // of `source` where the reason stands; 0: not known
  SourceFormat format = SourceFormat::Cif;
  std::uint32_t file = 0;  // in SourceIndex::files
  std::uint64_t offset = 0;
  std::uint64_t length = kWholeFile;
  std::vector<double> targets;  // by SourceIndex::target_names, NaN where missing
  /// Absent where the input has no targets. Known where the index was made, not carried in its text.
  std::optional<OwnTargets> own_targets;

  static constexpr std::uint64_t kWholeFile = UINT64_MAX;
};

struct SourceIndex {
  std::vector<std::string> files;
  std::vector<std::string> target_names;     // numeric columns that came with the crystals
  std::vector<std::string> skipped_columns;  // columns that were not numeric
  /// Sorted by id, byte by byte. Of a repeated id the first without a reason, in the order of the inputs,
  /// stands; the others carry one.
  std::vector<SourceEntry> entries;
};

/// Local; to be called by one rank. `inputs` are folders, archives and files as `prep crystals` takes them.
/// Folders are listed in order of name. What has no random access (archives, compressed files) is unpacked
/// once, in one pass and constant memory, into the file `spool`; it is made only if needed. The result does
/// not depend on who calls. What cannot be read inside a folder or an archive is an entry with a reason; what
/// is left aside there (archives in folders, tables in archives) is named in one warning. Raises InputError
/// for a path that is itself missing, of no known kind, damaged, or without any crystal.
SourceIndex index_sources(std::span<const std::filesystem::path> inputs, const std::filesystem::path& spool);

/// The index as text, to be broadcast or kept, and back.
std::string index_to_text(const SourceIndex& index);
SourceIndex index_from_text(std::string_view text);

/// Reads records' texts. Keeps the last file open: one reader for each thread.
class SourceReader {
 public:
  explicit SourceReader(const SourceIndex& index);
  ~SourceReader();

  /// Raises ReadError where the file cannot be read or the text is above 64 MiB.
  std::string text(const SourceEntry& entry);
  /// The crystal, checked by check_possible. Raises ReadError with the entry's source, the line where it is
  /// known, and the reason; also the entry's own reason.
  Structure structure(const SourceEntry& entry);

 private:
  struct OpenFile;
  const SourceIndex& index_;
  std::unique_ptr<OpenFile> open_;
};

/// A text as `entry` says to read it. Raises ReadError.
Structure parse_entry(const SourceEntry& entry, std::string_view text);

}  // namespace tessera::crystal
