// SPDX-License-Identifier: Apache-2.0
// One record of a dataset of micrographs before it is read: which page of which file, which tile of it, and
// what goes with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/image_record.hpp"
#include "data_prep/image_tiles.hpp"
#include "microstructure/files/image_file.hpp"
#include "microstructure/mask_rule.hpp"

namespace tessera::data_prep {

struct ImageEntry {
  std::string id = {};      // "stem", "stem-0003" for a page of several, "stem-256-0" for the tile at y, x
  std::string source = {};  // for people: "images/a.png", "berea.tif:page[3]"
  std::string group = {};   // the parent that a split keeps together
  std::string image = {};   // its file
  std::string mask = {};    // its mask's; "" without one
  std::int64_t image_page = 0, mask_page = 0;
  Tile tile = {};                    // the whole page where it is not cut
  std::vector<double> targets = {};  // NaN where missing
};

/// How all entries of a dataset are read.
struct ImageReading {
  microstructure::MaskReading masks;
  std::optional<double> um_per_px;  // in place of what the files tell
};

/// Entries as text, to be broadcast, and back. Raises DataError for damaged text.
std::string entries_to_text(const std::vector<ImageEntry>& entries);
std::vector<ImageEntry> entries_from_text(std::string_view text);

/// Makes records of entries. Decodes a page once for all its tiles where they come one after the other: one
/// reader for each thread.
class ImageEntryReader {
 public:
  explicit ImageEntryReader(ImageReading reading) : reading_(std::move(reading)) {}

  /// Raises DataError where image or mask cannot be read, or changed since they were listed.
  data::ImageRecord read(const ImageEntry& entry);

 private:
  ImageReading reading_;
  microstructure::ImageReader images_, masks_;
};

}  // namespace tessera::data_prep
